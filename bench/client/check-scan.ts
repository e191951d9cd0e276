import { z } from "zod";
import { serverAckFrameSchema } from "../../src/protocol/frames/message-ack.ts";
import { messageReceiveFrameSchema } from "../../src/protocol/frames/message-receive.ts";
import { scanFrames } from "./frame-scan.ts";

const anyFrame = z.looseObject({ type: z.string() });
const textSchema = z.union([z.array(anyFrame), anyFrame.transform((frame) => [frame])]);

/** Compares what the scan reads in a text with what the protocol's own schemas read in it. Throws where they differ. */
export function checkScan(text: string): void {
  const parsed = textSchema.parse(JSON.parse(text)).flatMap(describeFrame);
  const scanned: string[] = [];
  scanFrames(text, {
    onSent: (key, seq) => scanned.push(`sent ${key} ${seq}`),
    onReceive: (key, seq) => scanned.push(`receive ${key} ${seq}`),
    onOther: () => undefined,
  });
  if (scanned.join() !== parsed.join()) throw new Error(`the scan read ${scanned}, the parser ${parsed}`);
}

function describeFrame(frame: z.infer<typeof anyFrame>): string[] {
  if (frame.type === "MESSAGE_RECEIVE") {
    const { client_message_id, seq } = messageReceiveFrameSchema.parse(frame).payload;
    return [`receive ${client_message_id} ${seq}`];
  }
  if (frame.type !== "MESSAGE_ACK") return [];
  const { payload } = serverAckFrameSchema.parse(frame);
  return payload.status === "sent" ? [`sent ${payload.client_message_id} ${payload.seq}`] : [];
}
