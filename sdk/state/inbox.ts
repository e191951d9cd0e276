import type { InboxRow } from "../../src/protocol/conversation.ts";
import type { Message, MessageChange } from "../../src/protocol/message.ts";
import type { User } from "../../src/protocol/user.ts";

/** An entry as far as an inbox row is made of it; `change` is null for a message or an event. */
export interface InboxEntry {
  readonly seq: number;
  readonly change: MessageChange | null;
  readonly message: Message;
}

/** As many characters of a message are kept in a row as the server keeps. */
const PREVIEW_CHARS = 1_000;

/** Of a busy conversation so many entries are kept apart from its row; the oldest then become part of it, but for the newest. */
const MAX_LATER = 256;
const KEPT_APART = 64;

/**
 * A row as it is after entries that came later than the server told of it. The row counts up to its `head_seq` (UNR-2): a later
 * message by somebody else adds one, a deletion takes one away. `read_seq` is how far the user has read on this device.
 */
export function rowAfter(
  row: InboxRow,
  entries: readonly InboxEntry[],
  read_seq: number,
  user_id: string,
): InboxRow {
  const later = entries.filter(({ seq }) => seq > row.head_seq).sort((a, b) => a.seq - b.seq);
  const read = Math.max(row.read_seq, read_seq);
  const head_seq = later.at(-1)?.seq ?? row.head_seq;
  if (later.length === 0 && read === row.read_seq) return row;
  const { unread, mentions } = countAfter(row, later, read, user_id);
  const shown = later.filter(({ change }) => change === null);
  return {
    ...row,
    head_seq,
    read_seq: read,
    unread_count: Math.max(0, unread),
    mention_count: Math.max(0, mentions),
    marked_unread: row.marked_unread && read === row.read_seq,
    last_message: lastMessage(row.last_message, later),
    updated_at: shown.at(-1)?.message.created_at ?? row.updated_at,
  };
}

function countAfter(row: InboxRow, later: readonly InboxEntry[], read: number, user_id: string) {
  // What the server counted and this device has read since: all of it, or the server says how many.
  const isRead = read > row.read_seq && read >= row.head_seq;
  let unread = isRead ? 0 : row.unread_count;
  let mentions = isRead ? 0 : row.mention_count;
  for (const { change, message } of later) {
    const isOthers = message.sender_id !== user_id && message.message_type !== "system";
    if (!isOthers || message.seq <= read || message.hidden === true) continue;
    if (change === "deleted") unread--;
    if (change !== null) continue;
    unread++;
    if (message.mentions?.includes(user_id)) mentions++;
  }
  return { unread, mentions };
}

function lastMessage(before: Message | null, later: readonly InboxEntry[]): Message | null {
  let last = before;
  for (const { change, message } of later.filter((entry) => entry.message.hidden !== true)) {
    const isNewer = change === null && message.message_type !== "system" && message.seq > (last?.seq ?? 0);
    if (isNewer || message.seq === last?.seq) last = message;
  }
  if (!last || last.content.length <= PREVIEW_CHARS) return last;
  return { ...last, content: last.content.slice(0, PREVIEW_CHARS).toWellFormed() };
}

function hiddenMessage(message: Message): Message {
  return { ...message, hidden: true };
}

function isSameProfile(
  known: NonNullable<InboxRow["peer"]>,
  { username, display_name, avatar_url, status_text }: User,
): boolean {
  return (
    known.username === username &&
    known.display_name === display_name &&
    known.avatar_url === avatar_url &&
    known.status_text === status_text
  );
}

/** What the server has told of a user's conversations, and what came since. */
export class Inbox {
  readonly #user_id: string;
  readonly #rows = new Map<string, InboxRow>();
  readonly #later = new Map<string, Map<number, InboxEntry>>();
  readonly #reads = new Map<string, number>();
  readonly #derived = new Map<string, InboxRow>();

  constructor(user_id: string) {
    this.#user_id = user_id;
  }

  get conversation_ids(): string[] {
    return [...this.#rows.keys()];
  }

  /** Read marks that no row shows yet: they may not have been taken (UNR-2). */
  get unsettledReads(): ReadonlyMap<string, number> {
    return this.#reads;
  }

  /** As the server told it last. */
  told(conversation_id: string): InboxRow | null {
    return this.#rows.get(conversation_id) ?? null;
  }

  row(conversation_id: string): InboxRow | null {
    const row = this.#rows.get(conversation_id);
    if (!row) return null;
    let derived = this.#derived.get(conversation_id);
    if (!derived) {
      derived = rowAfter(
        row,
        this.#laterOf(conversation_id),
        this.#reads.get(conversation_id) ?? 0,
        this.#user_id,
      );
      this.#derived.set(conversation_id, derived);
    }
    return derived;
  }

  /** As it is to be kept: with all entries that came since it was told. What the user has read is kept apart. */
  kept(conversation_id: string): InboxRow | null {
    const row = this.#rows.get(conversation_id);
    return row ? rowAfter(row, this.#laterOf(conversation_id), 0, this.#user_id) : null;
  }

  /** Newest activity first. */
  rows(): InboxRow[] {
    const rows = this.conversation_ids.flatMap((conversation_id) => this.row(conversation_id) ?? []);
    return rows.sort(
      (a, b) => b.updated_at - a.updated_at || (a.conversation_id < b.conversation_id ? -1 : 1),
    );
  }

  /** False if a newer one is known. */
  takeRow(row: InboxRow): boolean {
    const { conversation_id, head_seq } = row;
    const known = this.#rows.get(conversation_id);
    if (known && known.sync_id > row.sync_id) return false;
    if (known && known.sync_id === row.sync_id && known.head_seq > head_seq) return false;
    // In frames the peer is named by its id only; who it is was told over REST.
    const peer =
      row.peer && known?.peer?.user_id === row.peer.user_id ? { ...known.peer, ...row.peer } : row.peer;
    this.#rows.set(conversation_id, { ...row, ...(peer && { peer }) });
    const later = this.#later.get(conversation_id);
    for (const seq of later?.keys() ?? []) if (seq <= head_seq) later?.delete(seq);
    if ((this.#reads.get(conversation_id) ?? 0) <= row.read_seq) this.#reads.delete(conversation_id);
    this.#derived.delete(conversation_id);
    return true;
  }

  /** Who a user is. Returns the conversations with it where that was not known. */
  takeProfile(user: User): string[] {
    const rows = [...this.#rows.values()].filter(
      ({ peer }) => peer?.user_id === user.user_id && !isSameProfile(peer, user),
    );
    for (const row of rows) {
      this.#rows.set(row.conversation_id, { ...row, peer: user });
      this.#derived.delete(row.conversation_id);
    }
    return rows.map(({ conversation_id }) => conversation_id);
  }

  takeEntry(conversation_id: string, entry: InboxEntry): void {
    const row = this.#rows.get(conversation_id);
    if (entry.seq <= (row?.head_seq ?? 0)) return;
    const later = this.#later.get(conversation_id) ?? new Map<number, InboxEntry>();
    if (later.has(entry.seq)) return;
    this.#later.set(conversation_id, later.set(entry.seq, entry));
    this.#derived.delete(conversation_id);
    if (row && later.size > MAX_LATER) this.#fold(row, later);
  }

  /** The user has deleted a message for itself. Of what a row counts already, the server tells. */
  hide(conversation_id: string, seq: number): void {
    const later = this.#later.get(conversation_id);
    for (const [place, entry] of later ?? []) {
      if (entry.message.seq === seq) later?.set(place, { ...entry, message: hiddenMessage(entry.message) });
    }
    this.#derived.delete(conversation_id);
  }

  #laterOf(conversation_id: string): InboxEntry[] {
    return [...(this.#later.get(conversation_id)?.values() ?? [])];
  }

  #fold(row: InboxRow, later: Map<number, InboxEntry>): void {
    const folded: InboxEntry[] = [];
    for (let seq = row.head_seq + 1; later.size > KEPT_APART; seq++) {
      const entry = later.get(seq);
      if (!entry) break;
      folded.push(entry);
      later.delete(seq);
    }
    this.#rows.set(row.conversation_id, rowAfter(row, folded, 0, this.#user_id));
  }

  /** The user has read so far. False if that was known. */
  read(conversation_id: string, seq: number): boolean {
    const row = this.#rows.get(conversation_id);
    const known = Math.max(row?.read_seq ?? 0, this.#reads.get(conversation_id) ?? 0);
    // Any read mark ends `marked_unread`, also one that moves nothing.
    if (seq < known || (seq === known && !row?.marked_unread)) return false;
    this.#reads.set(conversation_id, seq);
    this.#derived.delete(conversation_id);
    return true;
  }

  /** A mark that the server does not take. */
  forgetRead(conversation_id: string): void {
    this.#reads.delete(conversation_id);
    this.#derived.delete(conversation_id);
  }

  remove(conversation_id: string): void {
    for (const map of [this.#rows, this.#later, this.#reads, this.#derived]) map.delete(conversation_id);
  }

  clear(): void {
    for (const map of [this.#rows, this.#later, this.#derived]) map.clear();
  }
}
