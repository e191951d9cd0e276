import {
  type Entry,
  hiddenForm,
  isChange,
  messageOf,
  type PayloadText,
  updateOf,
} from "../../domain/entry.ts";
import { type HandedEntry, handEntry, type PublishedEntry } from "../../domain/hand-over.ts";
import type { Message, MessageUpdate } from "../../protocol/message.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";

/** The log as members see it: messages with their reactions, changes with the messages they are about. */
export class LogView {
  readonly #store: ConversationStore;
  readonly #state: ConversationState;

  constructor(store: ConversationStore, state: ConversationState) {
    this.#store = store;
    this.#state = state;
  }

  /** Messages and events as `viewer_id` sees them; null: as one does who has reacted to none. */
  messages(entries: readonly Entry[], viewer_id: string | null): Message[] {
    const reactions = this.#store.reactions.of(
      entries.map(({ seq }) => seq),
      viewer_id,
    );
    return entries.map((entry) => messageOf(entry, this.#state.id, reactions.get(entry.seq)));
  }

  updates(changes: readonly Entry[], viewer_id: string | null): MessageUpdate[] {
    const targets = this.#targetsOf(changes);
    const messages = this.#bySeq([...targets.values()], viewer_id);
    return changes.flatMap((change) => {
      const message = messages.get(change.target_seq ?? 0);
      return isChange(change) && message ? [updateOf(change, message)] : [];
    });
  }

  /** Entries of any kind, on their way to one member. */
  handed(entries: readonly Entry[], member: MemberRecord): HandedEntry[] {
    const { user_id } = member;
    const targets = this.#targetsOf(entries);
    const shown = entries.filter((entry) => !isChange(entry));
    const messages = this.#bySeq([...shown, ...targets.values()], user_id);
    const hidden = this.#store.hidden.of(user_id, [...messages.keys()]);
    return entries.map((entry) => {
      const target = targets.get(entry.target_seq ?? 0) ?? null;
      const message = messages.get(target?.seq ?? entry.seq);
      if (!message) throw new Error(`entry ${entry.seq} is about a message that is not there`);
      if (hidden.has(message.seq)) {
        const payload = this.#payload(entry, hiddenForm(message), member);
        return { ...handEntry(entry, target, null, payload), is_hidden: true };
      }
      return handEntry(entry, target, null, this.#payload(entry, message, member));
    });
  }

  /** New entries that are no messages, on their way to everybody. */
  published(entries: readonly Entry[]): PublishedEntry[] {
    return entries.map((entry) => (isChange(entry) ? this.#publishChange(entry) : this.#publishEvent(entry)));
  }

  /** Whoever has reacted to the message sees which reactions are its own; who has hidden it, nothing of it. */
  #publishChange(entry: Entry): PublishedEntry {
    const [target] = this.#targetsOf([entry]).values();
    if (!target) throw new Error(`entry ${entry.seq} is about a message that is not there`);
    const encode = (viewer_id: string | null) => JSON.stringify(this.updates([entry], viewer_id)[0]);
    const encodeHidden = () => JSON.stringify(this.updates([entry], null).map((update) => hide(update))[0]);
    const reactors = this.#store.reactions.reactorsOf(target.seq);
    const personal = new Map(reactors.map((user_id) => [user_id, encode(user_id)]));
    for (const user_id of this.#store.hidden.hidersOf(target.seq)) personal.set(user_id, encodeHidden());
    return {
      handed: handEntry(entry, target, null, encode(null)),
      personal: personal.size > 0 ? personal : null,
    };
  }

  /** A conversation tells each member which role it has there, and from where on it reads. */
  #publishEvent(entry: Entry): PublishedEntry {
    const [message] = this.messages([entry], null);
    if (!message) throw new Error("an event has a message");
    const personal = new Map<string, PayloadText>();
    for (const member of this.#state.audience()) {
      personal.set(member.user_id, this.#payload(entry, message, member));
    }
    return { handed: handEntry(entry, null, null, ""), personal };
  }

  #payload(entry: Entry, message: Message, member: MemberRecord): PayloadText {
    if (isChange(entry)) return JSON.stringify(updateOf(entry, message));
    const { event } = entry.extra ?? {};
    if (!event) return JSON.stringify(message);
    const { conversation_id, seq } = message;
    const conversation = this.#state.viewFor(member);
    return JSON.stringify({ conversation_id, seq, change: event.change, conversation, message });
  }

  #targetsOf(entries: readonly Entry[]): Map<number, Entry> {
    return this.#store.entries.entriesAt(entries.flatMap(({ target_seq }) => target_seq ?? []));
  }

  #bySeq(entries: readonly Entry[], viewer_id: string | null): Map<number, Message> {
    return new Map(this.messages(entries, viewer_id).map((message) => [message.seq, message]));
  }
}

function hide(update: MessageUpdate): MessageUpdate {
  return { ...update, message: hiddenForm(update.message) };
}
