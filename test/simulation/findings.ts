import type { MarkAck } from "../../src/protocol/frames/message-ack.ts";
import type { Platform } from "./platform/platform.ts";

// What the simulation has found and the objects still do. Each is allowed only where it can come from, and goes from here
// when it is mended: then the rule holds without exception, and the seeds named here belong among the pinned ones.

/**
 * What is only delivered stands in no row of the conversation: once it has lost its memory, an older mark of a member is
 * told as news (seeds 819, 950, 1045). And a tick whose call arrives after its caller has given up comes behind newer
 * ones, since nothing puts ticks in order (DLV-5; seeds 20, 37, 43). A client that takes the furthest is right in the end.
 */
export function mayTickFall({ calls, hosts }: Platform, { status, conversation_id }: MarkAck): boolean {
  const hasForgotten = hosts.some(({ name, lives }) => name === conversation_id && lives > 1);
  return calls.overtaken > 0 || (status === "delivered" && hasForgotten);
}

/**
 * In a large group a row says what was delivered, once an alarm has come round to write it; while a conversation socket is
 * open that alarm is minutes away, and the object has slept and forgotten by then: what was shown as delivered is so no
 * more (DLV-5; seed 857). The same where the ack itself was forgotten, as below.
 */
export function mayForgetDelivered(platform: Platform, user_id: string, members: number): boolean {
  return members > 8 || mayPushAgain(platform, user_id);
}

/**
 * An ack on a conversation socket is on its way to its user's object in memory only. If that call fails, and the
 * conversation hibernates before it tries again, the ack is forgotten: its device is pushed again what it had acknowledged
 * (DLV-1; rare: one run in some thousand).
 */
export function mayPushAgain({ calls }: Platform, user_id: string): boolean {
  return calls.failed.has(`${user_id} handOver`);
}

/**
 * A read mark that the conversation took, and whose answer was lost, is not known to the user's inbox before the next
 * hand-over, which nothing brings about (UNR-1; seeds 762, 787, 1031).
 */
export function mayReadBeUnheard({ calls }: Platform, conversation_id: string, user_id: string): boolean {
  return calls.unheard.has(`${conversation_id} mark ${user_id}`);
}
