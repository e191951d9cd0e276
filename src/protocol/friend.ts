import { z } from "zod";
import { timestampSchema, userIdSchema } from "./ids.ts";
import { pageQuerySchema } from "./page.ts";
import { userSchema } from "./user.ts";

/** How another user stands to the caller: who asked whom, and whether it was accepted. */
export const friendStatusSchema = z.enum(["none", "incoming", "outgoing", "friends"]);
export type FriendStatus = z.infer<typeof friendStatusSchema>;

const listedStatusSchema = friendStatusSchema.exclude(["none"]);
export type ListedStatus = z.infer<typeof listedStatusSchema>;

export const friendSchema = z
  .object({ user: userSchema, status: listedStatusSchema, since: timestampSchema })
  .meta({ id: "Friend" });
export type Friend = z.infer<typeof friendSchema>;

export const friendQuerySchema = pageQuerySchema.extend({ status: listedStatusSchema.default("friends") });

export const friendRequestSchema = z.object({ user_id: userIdSchema }).meta({ id: "FriendRequest" });

export const blockSchema = z.object({ user: userSchema, created_at: timestampSchema }).meta({ id: "Block" });
export type Block = z.infer<typeof blockSchema>;
