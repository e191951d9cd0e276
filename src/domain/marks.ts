import type { MarkStatus } from "../protocol/frames/message-ack.ts";

/** How far a member has received and read a conversation: one number each, not a row per message (DLV-5). */
export interface Marks {
  readonly delivered_seq: number;
  readonly delivered_at: number;
  readonly read_seq: number;
  readonly read_at: number;
}

export const NO_MARKS: Marks = { delivered_seq: 0, delivered_at: 0, read_seq: 0, read_at: 0 };

/**
 * Moves a mark up to `seq`, at most to `head_seq`. Marks only grow, and what is read is delivered, so that always
 * `read ≤ delivered ≤ head` (DLV-5). Returns the same object if nothing moved.
 */
export function advanceMarks(
  marks: Marks,
  status: MarkStatus,
  seq: number,
  head_seq: number,
  now: number,
): Marks {
  const target = Math.min(seq, head_seq);
  const delivers = target > marks.delivered_seq;
  const reads = status === "read" && target > marks.read_seq;
  if (!delivers && !reads) return marks;
  return {
    ...marks,
    ...(delivers && { delivered_seq: target, delivered_at: now }),
    ...(reads && { read_seq: target, read_at: now }),
  };
}
