import { z } from "zod";
import { fieldErrors, invalidRequest, type Refusal, refusal } from "../errors.ts";
import { utf8ByteLength } from "../text.ts";
import { heartbeatPingFrameSchema } from "./heartbeat.ts";
import { clientAckFrameSchema } from "./message-ack.ts";
import { messageSendFrameSchema } from "./message-send.ts";
import { clientPresenceFrameSchema } from "./presence-update.ts";
import { syncRequestFrameSchema } from "./sync-request.ts";
import { clientTypingFrameSchema } from "./typing-indicator.ts";

const CLIENT_FRAMES = {
  HEARTBEAT_PING: heartbeatPingFrameSchema,
  MESSAGE_SEND: messageSendFrameSchema,
  MESSAGE_ACK: clientAckFrameSchema,
  PRESENCE_UPDATE: clientPresenceFrameSchema,
  SYNC_REQUEST: syncRequestFrameSchema,
  TYPING_INDICATOR: clientTypingFrameSchema,
} as const;

/** Everything a client may say. */
export const clientFrameSchema = z.discriminatedUnion("type", [
  heartbeatPingFrameSchema,
  messageSendFrameSchema,
  clientAckFrameSchema,
  clientPresenceFrameSchema,
  syncRequestFrameSchema,
  clientTypingFrameSchema,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** With `batch=1` one text message may carry this many frames. */
export const MAX_FRAMES_PER_BATCH = 100;

/** One frame of a text message: understood, or refused on its own so that its neighbours go on. */
export type ParsedFrame =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly refusal: Refusal; readonly request_id?: string };

export interface ParseOptions {
  readonly max_frame_bytes: number;
  readonly batch: boolean;
}

/** Reads one WebSocket message. The size is checked before anything is parsed. */
export function parseClientFrames(message: string | ArrayBuffer, options: ParseOptions): ParsedFrame[] {
  if (typeof message !== "string")
    return [refused(refusal("invalid_request", "Send frames as text, not binary"))];
  if (isLongerThan(message, options.max_frame_bytes)) {
    return [refused(refusal("payload_too_large", `A frame may have ${options.max_frame_bytes} bytes`))];
  }
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return [refused(refusal("invalid_request", "The frame is not JSON"))];
  }
  if (!Array.isArray(value)) return [parseFrame(value)];
  if (!options.batch)
    return [refused(refusal("invalid_request", "Connect with batch=1 to send several frames at once"))];
  if (value.length > MAX_FRAMES_PER_BATCH) {
    return [refused(refusal("invalid_request", `A batch may have ${MAX_FRAMES_PER_BATCH} frames`))];
  }
  return value.map(parseFrame);
}

function isLongerThan(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && utf8ByteLength(text) > bytes);
}

function parseFrame(value: unknown): ParsedFrame {
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") {
    return refused(invalidRequest([{ path: "type", message: "must be the name of a frame" }]));
  }
  const request_id = requestIdOf(value);
  if (!isClientFrameType(value.type)) return refused(refusal("unknown_type"), request_id);
  const parsed = CLIENT_FRAMES[value.type].safeParse(value);
  return parsed.success
    ? { ok: true, frame: parsed.data }
    : refused(invalidRequest(fieldErrors(parsed.error)), request_id);
}

function isClientFrameType(type: string): type is ClientFrame["type"] {
  return Object.hasOwn(CLIENT_FRAMES, type);
}

function requestIdOf(value: object): string | undefined {
  return "request_id" in value && typeof value.request_id === "string" && value.request_id.length <= 128
    ? value.request_id
    : undefined;
}

function refused(cause: Refusal, request_id?: string): ParsedFrame {
  return { ok: false, refusal: cause, ...(request_id !== undefined && { request_id }) };
}
