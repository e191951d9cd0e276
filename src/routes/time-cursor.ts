import { z } from "zod";
import type { TimeKey } from "../db/time-key.ts";
import { timestampSchema, userIdSchema } from "../protocol/ids.ts";
import { decodeCursor, invalidCursor } from "./cursor.ts";

const keySchema = z.tuple([z.coerce.number().pipe(timestampSchema), userIdSchema]);

/** The key of a row in a list of users with the newest first, for `pageOf`. */
export function timeKeyText({ at, id }: TimeKey): string {
  return `${at}.${id}`;
}

/** The key such a cursor stands for, or null for the first page. */
export function decodeTimeCursor(cursor: string | undefined): TimeKey | null {
  const text = decodeCursor(cursor);
  if (text === null) return null;
  const parsed = keySchema.safeParse(text.split("."));
  if (!parsed.success) throw invalidCursor();
  const [at, id] = parsed.data;
  return { at, id };
}
