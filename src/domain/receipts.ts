import type { Marks } from "./marks.ts";

/**
 * A member that does not tell how far it reads, or did not: up to `shown_read_seq` the others may know. Turned on again it
 * stays so until the next read mark, for what was read meanwhile is not told afterwards (DLV-6).
 */
export interface Discreet {
  readonly shown_read_seq: number;
  readonly is_off: boolean;
}

/** What becomes of it when its user says whether it gives read receipts. The same object if that was known. */
export function discreetAfter(
  known: Discreet | null,
  read_receipts: boolean,
  { read_seq }: Pick<Marks, "read_seq">,
): Discreet | null {
  if (!known) return read_receipts ? null : { shown_read_seq: read_seq, is_off: true };
  return known.is_off === !read_receipts ? known : { ...known, is_off: !read_receipts };
}

/** The read mark has moved: what was withheld before goes with it, unless all is. */
export function discreetAfterRead(known: Discreet | null): Discreet | null {
  return known?.is_off ? known : null;
}

/** What a member keeps from the others. */
export interface Discretion {
  /** It has not accepted the conversation: the others do not learn whether it got anything. */
  readonly is_request: boolean;
  readonly discreet: Discreet | null;
}

/** A member's marks as another may know them; `sees_reads`: one that gives read receipts itself (DLV-6). */
export function shownMarks<T extends Marks>(
  marks: T,
  { is_request, discreet }: Discretion,
  sees_reads: boolean,
): T {
  if (is_request) return { ...marks, delivered_seq: 0, read_seq: 0 };
  const shown_seq = sees_reads ? (discreet?.shown_read_seq ?? Infinity) : 0;
  return marks.read_seq <= shown_seq ? marks : { ...marks, read_seq: shown_seq };
}
