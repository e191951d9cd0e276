import type { MarkStatus } from "../../src/protocol/frames/message-ack.ts";

/** How far one member has received and read. */
export interface MemberMarks {
  readonly delivered_seq: number;
  readonly read_seq: number;
}

/** By user id. */
export type Marks = Readonly<Record<string, MemberMarks>>;

/** A mark may be told again, late, or from further back: the furthest counts (DLV-5). Returns the same object if nothing moved. */
export function moveMark(marks: Marks, user_id: string, status: MarkStatus, seq: number): Marks {
  const known = marks[user_id] ?? { delivered_seq: 0, read_seq: 0 };
  const delivered_seq = Math.max(known.delivered_seq, seq);
  const read_seq = status === "read" ? Math.max(known.read_seq, seq) : known.read_seq;
  const isKnown = delivered_seq === known.delivered_seq && read_seq === known.read_seq && user_id in marks;
  return isKnown ? marks : { ...marks, [user_id]: { delivered_seq, read_seq } };
}

export type SentStatus = "sent" | "delivered" | "read";

/** How far all of `others` have got with the message at `seq`. Without knowing who they are: no further than the server. */
export function statusAt(seq: number, marks: Marks, others: readonly string[]): SentStatus {
  if (others.length === 0) return "sent";
  const known = others.map((user_id) => marks[user_id]);
  if (known.every((mark) => mark !== undefined && mark.read_seq >= seq)) return "read";
  return known.every((mark) => mark !== undefined && mark.delivered_seq >= seq) ? "delivered" : "sent";
}
