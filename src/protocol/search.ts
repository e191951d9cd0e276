import { z } from "zod";
import { userIdSchema } from "./ids.ts";
import { messageSchema } from "./message.ts";
import { pageQuerySchema, pageSchema } from "./page.ts";
import { textSchema } from "./text.ts";

/** Integer Unix milliseconds. */
const timeSchema = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const fields = {
  q: textSchema(200).min(1).describe("Words, beginnings of words, and phrases in quotation marks"),
  from: timeSchema.optional().describe("Sent at this time or later"),
  to: timeSchema.optional().describe("Sent at this time or earlier"),
};

/** Whoever asks for an empty time has made a mistake. */
const FROM_BEFORE_TO = { message: "must not be after to", path: ["from"] };
function isInOrder({ from, to }: { from?: number | undefined; to?: number | undefined }): boolean {
  return from === undefined || to === undefined || from <= to;
}

/** A search in one conversation. */
export const conversationSearchQuerySchema = pageQuerySchema
  .extend({ ...fields, sender_id: userIdSchema.optional() })
  .refine(isInOrder, FROM_BEFORE_TO);

/** A search in all of the caller's conversations. Its cursor names those in which it goes on. */
export const messageSearchQuerySchema = pageQuerySchema
  .extend({ ...fields, cursor: z.string().max(4096).optional() })
  .refine(isInOrder, FROM_BEFORE_TO);
export type MessageSearchQuery = z.infer<typeof messageSearchQuerySchema>;

/** A part of a message's content that was asked for, in UTF-16 code units. */
export const highlightSchema = z.object({ start: z.number().int().min(0), length: z.number().int().min(1) });

export const searchHitSchema = z
  .object({
    message: messageSchema,
    highlights: z.array(highlightSchema).describe("Ascending, apart from each other; the first 100"),
  })
  .meta({ id: "SearchHit" });
export type SearchHit = z.infer<typeof searchHitSchema>;

export const searchPageSchema = pageSchema(searchHitSchema);
