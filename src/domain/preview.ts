import { messageSchema, messageUpdateSchema } from "../protocol/message.ts";
import type { PayloadText } from "./entry.ts";
import type { HandedEntry } from "./hand-over.ts";

/** The JSON of a `Message`, cut short: what a list of conversations shows of the last one. */
export type MessagePreview = string;

/** This many characters of the content are kept. */
export const PREVIEW_CHARS = 1000;

/** The preview after these entries: of the newest message, as it is after the changes that follow it. */
export function previewAfter(
  preview: MessagePreview | null,
  entries: readonly HandedEntry[],
): MessagePreview | null {
  const newest = entries.findLast(({ kind }) => kind === "message");
  let next = newest ? previewOf(newest.payload) : preview;
  for (const entry of entries) {
    if (next === null || !entry.target || entry.target.seq !== seqOf(next)) continue;
    const { message } = messageUpdateSchema.parse(JSON.parse(entry.payload));
    next = previewOf(JSON.stringify(message));
  }
  return next;
}

function previewOf(text: PayloadText): MessagePreview {
  // A short message is not taken apart.
  if (text.length <= PREVIEW_CHARS) return text;
  const message = messageSchema.parse(JSON.parse(text));
  if (message.content.length <= PREVIEW_CHARS) return text;
  return JSON.stringify({ ...message, content: message.content.slice(0, PREVIEW_CHARS).toWellFormed() });
}

function seqOf(preview: MessagePreview): number | null {
  const { data } = messageSchema.pick({ seq: true }).safeParse(JSON.parse(preview));
  return data?.seq ?? null;
}
