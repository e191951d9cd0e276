import { messageSchema, messageUpdateSchema } from "../protocol/message.ts";
import type { PayloadText } from "./entry.ts";
import type { HandedEntry, HiddenMessage } from "./hand-over.ts";

/** The JSON of a `Message`, cut short: what a list of conversations shows of the last one. */
export type MessagePreview = string;

/** This many characters of the content are kept. */
export const PREVIEW_CHARS = 1000;

/** The preview after these entries: of the newest message, as it is after the changes that follow it. */
export function previewAfter(
  preview: MessagePreview | null,
  entries: readonly HandedEntry[],
): MessagePreview | null {
  const newest = entries.findLast(({ kind, is_hidden }) => kind === "message" && !is_hidden);
  let next = newest ? previewOf(newest.payload) : preview;
  for (const entry of entries) {
    if (next === null || !entry.target || entry.target.seq !== seqOf(next)) continue;
    const { message } = messageUpdateSchema.parse(JSON.parse(entry.payload));
    next = previewOf(JSON.stringify(message));
  }
  return next;
}

/**
 * The preview without what its user has hidden. `later`: entries of which the conversation did not know yet when it said what
 * stands before.
 */
export function previewWithout(
  preview: MessagePreview | null,
  hidden: readonly HiddenMessage[],
  later: readonly HandedEntry[],
): MessagePreview | null {
  let next = preview;
  for (const { seq, before } of hidden) {
    if (next !== null && seqOf(next) === seq) next = before === null ? null : previewOf(before);
  }
  return next === preview ? preview : previewAfter(next, later);
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
