import { z } from "zod";
import { connectedFrameSchema } from "../../src/protocol/frames/connected.ts";
import { conversationUpdateFrameSchema } from "../../src/protocol/frames/conversation-update.ts";
import { frameSchema } from "../../src/protocol/frames/frame.ts";
import { friendUpdateFrameSchema } from "../../src/protocol/frames/friend-update.ts";
import { heartbeatPongFrameSchema } from "../../src/protocol/frames/heartbeat.ts";
import { inboxUpdateFrameSchema } from "../../src/protocol/frames/inbox-update.ts";
import { serverAckFrameSchema } from "../../src/protocol/frames/message-ack.ts";
import { messageHiddenFrameSchema } from "../../src/protocol/frames/message-hidden.ts";
import { messageReceiveFrameSchema } from "../../src/protocol/frames/message-receive.ts";
import { messageUpdateFrameSchema } from "../../src/protocol/frames/message-update.ts";
import { serverPresenceFrameSchema } from "../../src/protocol/frames/presence-update.ts";
import { syncCompleteFrameSchema } from "../../src/protocol/frames/sync-complete.ts";
import { syncGapFrameSchema } from "../../src/protocol/frames/sync-gap.ts";
import { serverTypingFrameSchema } from "../../src/protocol/frames/typing-indicator.ts";

/** As in the protocol, but of a code that this client may not know. */
const errorFrameSchema = frameSchema(
  "ERROR",
  z.object({
    code: z.string(),
    message: z.string(),
    retry_after_ms: z.number().optional(),
    details: z
      .object({ conversation_id: z.string().optional(), client_message_id: z.string().optional() })
      .optional(),
  }),
);
export type ErrorFrame = z.infer<typeof errorFrameSchema>;

const SERVER_FRAMES = {
  CONNECTED: connectedFrameSchema,
  HEARTBEAT_PONG: heartbeatPongFrameSchema,
  MESSAGE_RECEIVE: messageReceiveFrameSchema,
  MESSAGE_UPDATE: messageUpdateFrameSchema,
  MESSAGE_HIDDEN: messageHiddenFrameSchema,
  CONVERSATION_UPDATE: conversationUpdateFrameSchema,
  MESSAGE_ACK: serverAckFrameSchema,
  PRESENCE_UPDATE: serverPresenceFrameSchema,
  TYPING_INDICATOR: serverTypingFrameSchema,
  FRIEND_UPDATE: friendUpdateFrameSchema,
  INBOX_UPDATE: inboxUpdateFrameSchema,
  SYNC_GAP: syncGapFrameSchema,
  SYNC_COMPLETE: syncCompleteFrameSchema,
  ERROR: errorFrameSchema,
} as const;

type Frames = { [Type in keyof typeof SERVER_FRAMES]: z.infer<(typeof SERVER_FRAMES)[Type]> };
/** Everything that the SDK understands of what a server says. */
export type IncomingFrame = Frames[keyof Frames];

/** What a text message held: the frames that were understood, and why the others were not. */
export interface Parsed {
  readonly frames: readonly IncomingFrame[];
  readonly faults: readonly string[];
}

/** Reads one WebSocket message. Frames of types that a later server may have are passed over (docs/protocol.md §1). */
export function parseServerFrames(data: unknown): Parsed {
  if (typeof data !== "string") return { frames: [], faults: ["a binary message"] };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { frames: [], faults: ["a message that is not JSON"] };
  }
  const frames: IncomingFrame[] = [];
  const faults: string[] = [];
  for (const item of Array.isArray(value) ? value : [value]) {
    const schema = schemaFor(item);
    if (!schema) continue;
    const parsed = schema.safeParse(item);
    if (parsed.success) frames.push(parsed.data);
    else faults.push(parsed.error.message);
  }
  return { frames, faults };
}

function schemaFor(item: unknown) {
  if (typeof item !== "object" || item === null || !("type" in item)) return null;
  const { type } = item;
  return typeof type === "string" && isKnown(type) ? SERVER_FRAMES[type] : null;
}

function isKnown(type: string): type is keyof typeof SERVER_FRAMES {
  return Object.hasOwn(SERVER_FRAMES, type);
}
