import { messageSchema, messageUpdateSchema } from "../protocol/message.ts";
import { hiddenForm, type PayloadText } from "./entry.ts";
import type { HandedEntry, HiddenMessage } from "./hand-over.ts";

/** Of the messages hidden by their user those that are news to who knows `known_count` of them: in order, without a gap. */
export function freshHidden(hidden: readonly HiddenMessage[], known_count: number): HiddenMessage[] {
  let next = known_count + 1;
  return hidden.filter(({ place }) => place === next && next++);
}

/**
 * Entries as they reach devices whose user has hidden some of the messages: the places are taken, and nothing is said. They count
 * as they did before, since what counts is known by `Inbox.hidden_seqs`.
 */
export function withHidden(
  entries: readonly HandedEntry[],
  seqs: ReadonlySet<number>,
): readonly HandedEntry[] {
  if (seqs.size === 0) return entries;
  return entries.map((entry) => {
    const isNoNews = entry.kind === "event" || entry.is_hidden === true;
    if (isNoNews || !seqs.has(entry.target?.seq ?? entry.seq)) return entry;
    return { ...entry, is_hidden: true, payload: hiddenPayload(entry) };
  });
}

function hiddenPayload({ kind, payload }: HandedEntry): PayloadText {
  const value: unknown = JSON.parse(payload);
  if (kind === "message") return JSON.stringify(hiddenForm(messageSchema.parse(value)));
  const update = messageUpdateSchema.parse(value);
  return JSON.stringify({ ...update, message: hiddenForm(update.message) });
}
