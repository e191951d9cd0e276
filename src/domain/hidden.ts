import { messageSchema, messageUpdateSchema } from "../protocol/message.ts";
import { hiddenForm, type PayloadText } from "./entry.ts";
import type { HandedEntry, HiddenMessage, ReadState } from "./hand-over.ts";

/** A read state that takes the place of an older one that has not been handed over, with what that had to tell. */
export function succeeding(older: ReadState | null, newer: ReadState): ReadState {
  const { hidden } = newer;
  if (!older?.hidden || !hidden) return newer;
  const known = new Set(hidden.news.map(({ place }) => place));
  const news = [...older.hidden.news.filter(({ place }) => !known.has(place)), ...hidden.news];
  return { ...newer, hidden: { ...hidden, news: news.sort((a, b) => a.place - b.place) } };
}

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
