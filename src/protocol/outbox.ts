import { z } from "zod";

/** A change that an object owed the directory and gave up on, as an operator sees it. */
export const deadLetterSchema = z
  .object({ id: z.number().int(), attempts: z.number().int(), error: z.string() })
  .meta({ id: "DeadLetter" });

export const deadLettersSchema = z.object({ items: z.array(deadLetterSchema) }).meta({ id: "DeadLetters" });

export const replaySchema = z
  .object({ replayed: z.number().int().describe("How many changes are tried again") })
  .meta({ id: "Replay" });

export const rebuildRequestSchema = z
  .object({ cursor: z.string().max(512).optional() })
  .meta({ id: "RebuildRequest" });

/** One step of making the directory anew; `next_cursor` leads to the next. */
export const rebuildSchema = z
  .object({ conversations: z.number().int(), next_cursor: z.string().nullable() })
  .meta({ id: "Rebuild" });
