import type { MarkAck, MarkStatus } from "../../../src/protocol/frames/message-ack.ts";

/** Of each member's marks, the furthest that was told. */
export class FurthestMarks {
  /** By conversation, member and kind. */
  readonly #marks = new Map<string, number>();

  saw({ conversation_id, user_id, status, seq }: Omit<MarkAck, "at">): void {
    const key = `${conversation_id} ${user_id} ${status}`;
    this.#marks.set(key, Math.max(seq, this.#marks.get(key) ?? 0));
  }

  of(conversation_id: string, user_id: string, status: MarkStatus): number {
    return this.#marks.get(`${conversation_id} ${user_id} ${status}`) ?? 0;
  }
}
