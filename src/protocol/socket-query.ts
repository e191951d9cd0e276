import { z } from "zod";
import { deviceIdSchema } from "./ids.ts";
import { platformSchema } from "./session.ts";

/** A ticket or token. What cannot be one becomes "", which proves nothing: the answer is 401 as for any other bad one. */
function proofSchema(maxChars: number) {
  const proof = z.string().max(maxChars);
  return z.preprocess((value) => (proof.safeParse(value).success ? value : ""), proof).optional();
}

/** Query of a WebSocket upgrade (docs/protocol.md §3). One of `ticket` and `token` proves who is calling. */
export const socketQuerySchema = z.object({
  ticket: proofSchema(256),
  token: proofSchema(4096),
  device_id: deviceIdSchema.optional(),
  platform: platformSchema.optional(),
  last_sync_id: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Any other value means the same as none. */
  batch: z.preprocess((value) => (value === "1" ? value : undefined), z.literal("1").optional()).optional(),
});
export type SocketQuery = z.infer<typeof socketQuerySchema>;
