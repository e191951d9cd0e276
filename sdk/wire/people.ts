import { z } from "zod";
import { frameSchema } from "../../src/protocol/frames/frame.ts";
import { timestampSchema, userIdSchema } from "../../src/protocol/ids.ts";
import { userSchema } from "../../src/protocol/user.ts";

/** How another user stands to the own one. */
export const friendStatusSchema = z.enum(["none", "incoming", "outgoing", "friends"]);
export type FriendStatus = z.infer<typeof friendStatusSchema>;

export const friendSchema = z.object({
  user: userSchema,
  status: friendStatusSchema.exclude(["none"]),
  since: timestampSchema,
});
export type Friend = z.infer<typeof friendSchema>;

export const blockSchema = z.object({ user: userSchema, created_at: timestampSchema });
export type Block = z.infer<typeof blockSchema>;

export const friendFrameSchema = frameSchema(
  "FRIEND_UPDATE",
  z.object({ user_id: userIdSchema, status: friendStatusSchema }),
);
export type FriendUpdate = z.infer<typeof friendFrameSchema>["payload"];
