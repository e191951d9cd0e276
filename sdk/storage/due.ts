/**
 * What is still to be written, by its ids: what is written of it is how it is by then, so that what a write that failed has left
 * is made up for by the next.
 */
export class Due {
  readonly rows = new Set<string>();
  readonly conversations = new Set<string>();
  /** By key. */
  readonly messages = new Map<string, { readonly conversation_id: string; readonly seq: number }>();
  readonly outbox = new Set<string>();
  isSyncDue = false;
  /** All that the storage holds is to go before. */
  isClearDue = false;

  /** Only what is of no concern to another client that uses the storage; the rest stays due. */
  takeOutbox(): Due {
    const taken = new Due();
    for (const id of this.outbox) taken.outbox.add(id);
    this.outbox.clear();
    return taken;
  }

  add(other: Due): void {
    for (const id of other.rows) this.rows.add(id);
    for (const id of other.conversations) this.conversations.add(id);
    for (const [key, place] of other.messages) this.messages.set(key, place);
    for (const id of other.outbox) this.outbox.add(id);
    this.isSyncDue ||= other.isSyncDue;
    this.isClearDue ||= other.isClearDue;
  }
}
