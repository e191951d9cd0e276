import {
  type Entry,
  hiddenForm,
  isChange,
  messageOf,
  type PayloadText,
  updateOf,
  withMine,
  withoutContent,
} from "../../domain/entry.ts";
import { type HandedEntry, handEntry, type PublishedEntry } from "../../domain/hand-over.ts";
import type { Message, MessageChange, MessageUpdate } from "../../protocol/message.ts";
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
    const targets = this.#targetsOf(entries);
    const shown = entries.filter((entry) => !isChange(entry));
    const messages = this.#bySeq([...shown, ...targets.values()], member.user_id);
    const hidden = this.#store.hidden.of(member.user_id, [...messages.keys()]);
    const left_at = this.#leftAt(member);
    return entries.map((entry) => {
      const target = targets.get(entry.target_seq ?? 0) ?? null;
      const message = messages.get(target?.seq ?? entry.seq);
      if (!message) throw new Error(`entry ${entry.seq} is about a message that is not there`);
      if (hidden.has(message.seq)) {
        const payload = this.#payload(entry, hiddenForm(message), member);
        return { ...handEntry(entry, target, null, payload), is_hidden: true };
      }
      const isUnreadable = !this.#mayRead(member, message.seq) || (message.edited_at ?? 0) > left_at;
      const payload = this.#payload(entry, isUnreadable ? withoutContent(message) : message, member);
      return handEntry(entry, target, null, payload);
    });
  }

  /** New entries that are no messages, on their way to everybody. */
  published(entries: readonly Entry[]): PublishedEntry[] {
    return entries.map((entry) => (isChange(entry) ? this.#publishChange(entry) : this.#publishEvent(entry)));
  }

  /**
   * Whoever has reacted to the message sees which reactions are its own; whoever came after it, or has hidden it, nothing of what
   * it says.
   */
  #publishChange(entry: Entry & { readonly kind: MessageChange }): PublishedEntry {
    const [target] = this.#targetsOf([entry]).values();
    const [message] = target ? this.messages([target], null) : [];
    if (!target || !message) throw new Error(`entry ${entry.seq} is about a message that is not there`);
    const hiders = new Set(this.#store.hidden.hidersOf(target.seq));
    const reactors = this.#store.reactions.reactorsOf(target.seq);
    const encode = (seen: Message) => JSON.stringify(updateOf(entry, seen));
    const personal = (user_id: string) => {
      if (hiders.has(user_id)) return encode(hiddenForm(message));
      const member = this.#state.member(user_id);
      if (member && !this.#mayRead(member, target.seq)) return encode(withoutContent(message));
      const mine = reactors.get(user_id);
      return mine ? encode(withMine(message, mine)) : null;
    };
    return { handed: handEntry(entry, target, null, encode(message)), personal };
  }

  /** A conversation tells each member which role it has there, and from where on it reads. */
  #publishEvent(entry: Entry): PublishedEntry {
    const [message] = this.messages([entry], null);
    if (!message) throw new Error("an event has a message");
    const personal = (user_id: string) => {
      const member = this.#state.member(user_id);
      return member ? this.#payload(entry, message, member) : null;
    };
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

  #mayRead(member: MemberRecord, seq: number): boolean {
    return seq > this.#state.readableAfter(member);
  }

  /** What is written later is not for who has left (CONV-4). */
  #leftAt({ left_seq }: MemberRecord): number {
    return left_seq === null
      ? Number.POSITIVE_INFINITY
      : (this.#store.entries.entry(left_seq)?.created_at ?? 0);
  }

  #targetsOf(entries: readonly Entry[]): Map<number, Entry> {
    return this.#store.entries.entriesAt(entries.flatMap(({ target_seq }) => target_seq ?? []));
  }

  #bySeq(entries: readonly Entry[], viewer_id: string | null): Map<number, Message> {
    return new Map(this.messages(entries, viewer_id).map((message) => [message.seq, message]));
  }
}
