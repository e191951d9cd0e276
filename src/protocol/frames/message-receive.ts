import { positionSchema } from "../ids.ts";
import { messageSchema } from "../message.ts";
import { frameSchema } from "./frame.ts";

/** A new message; `sync_id` stands on a device socket. */
export const messageReceiveFrameSchema = frameSchema(
  "MESSAGE_RECEIVE",
  messageSchema.extend({ sync_id: positionSchema.optional() }),
);
