import { z } from "zod";
import { type MarkAck, markAckSchema } from "../../../src/protocol/frames/message-ack.ts";
import type { Platform } from "../platform/platform.ts";

const handOverSchema = z.tuple([z.object({ ticks: z.array(markAckSchema) })]);

/** Was a mark told by a hand-over that its conversation had given up? It may arrive behind newer ones. */
export function isToldLate({ lateCalls }: Platform, mark: MarkAck): boolean {
  const handOvers = lateCalls.filter(({ method }) => method === "handOver");
  return handOvers.some(({ request }) => {
    const [{ ticks }] = handOverSchema.parse(request);
    return ticks.some((tick) => isSame(tick, mark));
  });
}

function isSame(one: MarkAck, other: MarkAck): boolean {
  const { conversation_id, user_id, status, seq } = one;
  return (
    conversation_id === other.conversation_id &&
    user_id === other.user_id &&
    status === other.status &&
    seq === other.seq
  );
}
