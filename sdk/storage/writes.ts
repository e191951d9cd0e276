import type { Outbox } from "../outbox/outbox.ts";
import { addRanges, cutBefore, NOTHING, type Ranges } from "../sync/ranges.ts";
import type { Replica } from "../sync/replica.ts";
import type { Due } from "./due.ts";
import { CONVERSATIONS, OUTBOX, ROWS, type StoredConversation, SYNC_KEY } from "./records.ts";
import type { StorageWrite } from "./storage.ts";

/** All that there is to be kept. */
export interface Known {
  readonly replica: Replica;
  readonly outbox: Outbox;
  readonly last_sync_id: number | null;
  /** So many messages of a conversation are kept. */
  readonly cached_messages: number;
  /** What the storage holds of conversations whose messages were not loaded. */
  readonly heldThere: ReadonlyMap<string, Ranges>;
}

/** What is due, as it is now. */
export function writesOf(due: Due, known: Known): StorageWrite[] {
  const { replica, outbox, last_sync_id, cached_messages } = known;
  const { inbox, conversations } = replica;
  const writes: StorageWrite[] = [];
  for (const id of due.rows) writes.push({ key: ROWS + id, value: inbox.kept(id) ?? undefined });
  for (const id of due.conversations) writes.push({ key: CONVERSATIONS + id, value: recordOf(id, known) });
  for (const [key, { conversation_id, seq }] of due.messages) {
    const state = conversations.get(conversation_id);
    // Whoever pages far back looks at the old ones, and does not keep them.
    const isKept = state && !state.isOver && seq >= state.log.keptFrom(cached_messages);
    // As it was before it must not stay either: it may have been deleted for everybody.
    writes.push({ key, value: isKept ? state.log.get(seq) : undefined });
  }
  for (const id of due.outbox) writes.push({ key: OUTBOX + id, value: outbox.get(id) ?? undefined });
  if (due.isSyncDue) writes.push({ key: SYNC_KEY, value: { last_sync_id } });
  return writes;
}

function recordOf(
  conversation_id: string,
  { replica, cached_messages, heldThere }: Known,
): StoredConversation | undefined {
  const state = replica.conversations.get(conversation_id);
  if (!state || state.isOver) return undefined;
  const { position, marks, memberships, hasMemberList, details, log } = state;
  const held = addRanges(heldThere.get(conversation_id) ?? NOTHING, log.held);
  return {
    position: { ...position, received: [...position.received] },
    held: [...cutBefore(held, log.keptFrom(cached_messages))],
    hidden: [...log.hidden],
    marks,
    memberships,
    hasMemberList,
    details,
    wanted_read_seq: replica.inbox.unsettledReads.get(conversation_id) ?? null,
  };
}
