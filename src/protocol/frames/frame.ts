import { z } from "zod";

/** Chosen by the sender of a frame; the answer carries it back. */
const frameRequestIdSchema = z.string().max(128);

/** `{type, request_id?, timestamp?, payload}`; on the server's frames `timestamp` is the server's clock. */
export function frameSchema<T extends string, P extends z.ZodType>(type: T, payload: P) {
  return z.object({
    type: z.literal(type),
    request_id: frameRequestIdSchema.optional(),
    timestamp: z.number().optional(),
    payload,
  });
}
