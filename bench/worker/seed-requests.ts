import { z } from "zod";

/** Users `from`, `from + 1`, …, each with a password, a session and a device. */
export const seedUsersSchema = z.object({ from: z.number().int(), count: z.number().int().max(1000) });
export type SeedUsers = z.infer<typeof seedUsersSchema>;

/** A user as it will connect. */
export const seededUserSchema = z.object({
  user_id: z.string(),
  username: z.string(),
  device_id: z.string(),
  access_token: z.string(),
});
export type SeededUser = z.infer<typeof seededUserSchema>;

/** Conversations by their members; two make a one-on-one, and the first is the owner of a group. */
export const seedConversationsSchema = z.object({ members: z.array(z.array(z.string()).min(2)) });
export type SeedConversations = z.infer<typeof seedConversationsSchema>;

/** Messages for a conversation's log, by one sender; without a content of their own they are mixed texts. */
export const fillRequestSchema = z.object({
  conversation_id: z.string(),
  sender_id: z.string(),
  from: z.number().int(),
  count: z.number().int(),
  content: z.string().nullable(),
});
export type FillRequest = z.infer<typeof fillRequestSchema>;

/** Every seeded user's password. */
export const SEED_PASSWORD = "otter-lantern-quarry";
