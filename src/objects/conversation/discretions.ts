import { type Discreet, discreetAfter, discreetAfterRead } from "../../domain/receipts.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";

/** What members keep from the others: all signs of them until they accept a request, and how far they read (DLV-6). */
export class Discretions {
  readonly #store: ConversationStore;
  readonly #state: ConversationState;

  constructor(store: ConversationStore, state: ConversationState) {
    this.#store = store;
    this.#state = state;
  }

  /** A member accepts the conversation. False if it had. */
  accept(user_id: string): boolean {
    if (!this.#state.requests.has(user_id)) return false;
    this.#store.requests.delete(user_id);
    this.#state.requests.delete(user_id);
    return true;
  }

  /** Whether a member gives read receipts; a row is written when that has changed. */
  noteReceipts(user_id: string, read_receipts: boolean): void {
    const member = this.#state.members.get(user_id);
    if (member) this.#set(user_id, discreetAfter(this.#known(user_id), read_receipts, member));
  }

  /** A member's read mark has moved. */
  hasRead(user_id: string): void {
    this.#set(user_id, discreetAfterRead(this.#known(user_id)));
  }

  #known(user_id: string): Discreet | null {
    return this.#state.discreet.get(user_id) ?? null;
  }

  #set(user_id: string, discreet: Discreet | null): void {
    if (discreet === this.#known(user_id)) return;
    if (discreet) {
      this.#store.discreet.put(user_id, discreet);
      this.#state.discreet.set(user_id, discreet);
    } else {
      this.#store.discreet.delete(user_id);
      this.#state.discreet.delete(user_id);
    }
  }
}
