import { userIdSchema } from "../protocol/ids.ts";

/** A ticket is `<user_id>.<secret>`: whose object issued it, or null if it cannot be one. */
export function ticketOwner(ticket: string): string | null {
  const [user_id, secret, ...rest] = ticket.split(".");
  if (!secret || rest.length > 0) return null;
  return userIdSchema.safeParse(user_id).data ?? null;
}
