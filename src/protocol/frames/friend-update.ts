import { z } from "zod";
import { friendStatusSchema } from "../friend.ts";
import { userIdSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

/** Another user now stands so to this one. */
export const friendUpdateFrameSchema = frameSchema(
  "FRIEND_UPDATE",
  z.object({ user_id: userIdSchema, status: friendStatusSchema }),
);
export type FriendUpdateFrame = z.infer<typeof friendUpdateFrameSchema>;
export type FriendUpdate = FriendUpdateFrame["payload"];
