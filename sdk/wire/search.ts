import { z } from "zod";
import { messageSchema } from "../../src/protocol/message.ts";

/** One message that was found. What `highlights` look like is for the server to say; it is passed on as it came. */
export const searchHitSchema = z.object({ message: messageSchema, highlights: z.unknown() });
export type SearchHit = z.infer<typeof searchHitSchema>;
