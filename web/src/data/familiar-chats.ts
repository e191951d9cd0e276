import type { ConversationSnapshot, InboxRow } from "../../../sdk/index.ts";
import { Store } from "./store.ts";

const PREFIX = "uim.familiar.";

/**
 * The conversations in which the user has done something, as far as this browser has seen it: said something, accepted it, made the
 * group, or joined it by an invitation. To be written to, or put into a group, is no doing of one's own.
 */
export class FamiliarChats extends Store<ReadonlySet<string>> {
  readonly #user_id: string;

  constructor(user_id: string) {
    super(new Set(read(PREFIX + user_id)));
    this.#user_id = user_id;
  }

  learnFromInbox(rows: readonly Pick<InboxRow, "conversation_id" | "last_message">[]): void {
    const own = rows.filter(({ last_message }) => last_message?.sender_id === this.#user_id);
    this.#add(own.map(({ conversation_id }) => conversation_id));
  }

  learnFromOpened(opened: Pick<ConversationSnapshot, "conversation_id" | "messages" | "details">): void {
    const { conversation_id, messages, details } = opened;
    const isMade = details?.type === "group" && details.created_by === this.#user_id;
    if (isMade || messages.some(({ mine }) => mine)) this.#add([conversation_id]);
  }

  accept(conversation_id: string): void {
    this.#add([conversation_id]);
  }

  #add(conversation_ids: readonly string[]): void {
    const known = this.getSnapshot();
    const next = new Set([...known, ...conversation_ids]);
    if (next.size === known.size) return;
    this.set(next);
    try {
      localStorage.setItem(PREFIX + this.#user_id, JSON.stringify([...next]));
    } catch (error) {
      // There is no more room: it holds until the page is closed.
      console.warn(error);
    }
  }
}

/** Whoever signs out leaves nothing behind. */
export function forgetFamiliarChats(user_id: string): void {
  localStorage.removeItem(PREFIX + user_id);
}

function read(key: string): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(saved) ? saved.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
