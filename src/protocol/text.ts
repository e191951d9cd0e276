import { z } from "zod";

/** UTF-8 length in bytes, without encoding; lone surrogates count as the replacement character (3 bytes). */
export function utf8ByteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** True if `text` has more than `max` Unicode code points. Counts only when its UTF-16 length leaves room for doubt. */
export function exceedsCodePoints(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > max * 2) return true;
  let points = 0;
  for (const _ of text) if (++points > max) return true;
  return false;
}

/** Text as people write it: well-formed Unicode without NUL, which SQLite functions would cut at. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

export const cleanTextSchema = z
  .string()
  .refine(isCleanText, { message: "must be well-formed Unicode without NUL", abort: true });

/** Clean text, trimmed, of at most `max` code points: as people count, and as JSON Schema's `maxLength` does. */
export function textSchema(max: number) {
  return cleanTextSchema
    .trim()
    .refine((text) => !exceedsCodePoints(text, max), `must have at most ${max} characters`)
    .meta({ maxLength: max });
}

/** One line of text, for names. */
export function lineSchema(max: number) {
  return textSchema(max)
    .min(1)
    .refine((text) => !hasControlCharacter(text), "must not contain control characters");
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}
