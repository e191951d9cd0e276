import { z } from "zod";
import { connectedFrameSchema } from "./connected.ts";
import { conversationUpdateFrameSchema } from "./conversation-update.ts";
import { errorFrameSchema } from "./error.ts";
import { friendUpdateFrameSchema } from "./friend-update.ts";
import { heartbeatPongFrameSchema } from "./heartbeat.ts";
import { inboxUpdateFrameSchema } from "./inbox-update.ts";
import { serverAckFrameSchema } from "./message-ack.ts";
import { messageHiddenFrameSchema } from "./message-hidden.ts";
import { messageReceiveFrameSchema } from "./message-receive.ts";
import { messageUpdateFrameSchema } from "./message-update.ts";
import { serverPresenceFrameSchema } from "./presence-update.ts";
import { syncCompleteFrameSchema } from "./sync-complete.ts";
import { syncGapFrameSchema } from "./sync-gap.ts";
import { serverTypingFrameSchema } from "./typing-indicator.ts";

/** Everything a server may say. */
export const serverFrameSchema = z.discriminatedUnion("type", [
  connectedFrameSchema,
  heartbeatPongFrameSchema,
  messageReceiveFrameSchema,
  messageUpdateFrameSchema,
  messageHiddenFrameSchema,
  conversationUpdateFrameSchema,
  serverAckFrameSchema,
  serverPresenceFrameSchema,
  friendUpdateFrameSchema,
  serverTypingFrameSchema,
  inboxUpdateFrameSchema,
  syncGapFrameSchema,
  syncCompleteFrameSchema,
  errorFrameSchema,
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
