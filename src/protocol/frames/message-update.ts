import { positionSchema } from "../ids.ts";
import { messageUpdateSchema } from "../message.ts";
import { frameSchema } from "./frame.ts";

/** A message was edited, deleted, pinned or reacted to; `sync_id` stands on a device socket. */
export const messageUpdateFrameSchema = frameSchema(
  "MESSAGE_UPDATE",
  messageUpdateSchema.extend({ sync_id: positionSchema.optional() }),
);
