import { z } from "zod";
import { messageSchema } from "../../src/protocol/message.ts";

/** A part of a message's content that was asked for, in UTF-16 code units. */
const highlightSchema = z.object({ start: z.number().int().min(0), length: z.number().int().min(1) });

/** One message that was found. */
export const searchHitSchema = z.object({ message: messageSchema, highlights: z.array(highlightSchema) });
export type SearchHit = z.infer<typeof searchHitSchema>;
