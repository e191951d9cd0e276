import type { HandedEntry } from "./hand-over.ts";

/** What an entry adds to what its reader has left to read: it counts while the message it is about is unread. */
export interface Contribution {
  readonly entry_seq: number;
  readonly message_seq: number;
  readonly unread: number;
  readonly mentions: number;
}

export interface Counts {
  readonly unread: number;
  readonly mentions: number;
}

/**
 * What an entry adds for `user_id`: a message one, its deletion takes that one away again, an edit changes whom it names
 * (UNR-1). It follows from the log alone, so that it is the same whenever the log is read. Null: nothing.
 */
export function contributionOf(entry: HandedEntry, user_id: string): Contribution | null {
  const { seq, kind, sender_id, mentions, target } = entry;
  if (kind === "message") {
    if (sender_id === user_id) return null;
    return {
      entry_seq: seq,
      message_seq: seq,
      unread: 1,
      mentions: mentions.includes(user_id) ? 1 : 0,
    };
  }
  if (!target || target.sender_id === user_id) return null;
  const unread = kind === "deleted" ? -1 : 0;
  const named = (mentions.includes(user_id) ? 1 : 0) - (target.mentions.includes(user_id) ? 1 : 0);
  if (unread === 0 && named === 0) return null;
  return { entry_seq: seq, message_seq: target.seq, unread, mentions: named };
}

export function contributionsOf(entries: readonly HandedEntry[], user_id: string): Contribution[] {
  return entries.flatMap((entry) => contributionOf(entry, user_id) ?? []);
}

/** What the entries after `counted_seq` add, for who has read up to `read_seq` and hidden `hidden_seqs` after it. */
export function sumAfter(
  contributions: readonly Contribution[],
  counted_seq: number,
  read_seq: number,
  hidden_seqs: readonly number[],
): Counts {
  let unread = 0;
  let mentions = 0;
  for (const contribution of contributions) {
    const { entry_seq, message_seq } = contribution;
    if (entry_seq <= counted_seq || message_seq <= read_seq || hidden_seqs.includes(message_seq)) continue;
    unread += contribution.unread;
    mentions += contribution.mentions;
  }
  return { unread, mentions };
}
