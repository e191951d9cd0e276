import type { Catalogue } from "../text/en.ts";

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  /** What else it is looked for by. */
  readonly tags: string;
  readonly group: EmojiGroup;
  /** The same with each of the five tones of skin, the lightest first; none if it shows no skin. */
  readonly tones: readonly string[];
}

export type EmojiGroup = keyof Catalogue["emojiGroups"];

/** By the numbers that Unicode's data has for them; 2 holds parts of others. */
const GROUPS: Readonly<Record<number, EmojiGroup>> = {
  0: "smileys",
  1: "people",
  3: "nature",
  4: "food",
  5: "travel",
  6: "activities",
  7: "objects",
  8: "symbols",
  9: "flags",
};
export const EMOJI_GROUPS = Object.values(GROUPS);

type Row = readonly [emoji: string, name: string, tags: string, group: number, tones?: readonly string[]];

export function emojiOf(rows: readonly Row[]): Emoji[] {
  return rows.flatMap(([emoji, name, tags, number, tones = []]) => {
    const group = GROUPS[number];
    return group ? [{ emoji, name, tags, group, tones }] : [];
  });
}

/** Of those that show skin, in this tone from 1 to 5; 0 is none. */
export function withTone(all: readonly Emoji[], tone: number): readonly Emoji[] {
  if (tone === 0) return all;
  return all.map((one) => ({ ...one, emoji: one.tones[tone - 1] ?? one.emoji }));
}

/** Those of them that are there, in whatever tone they were chosen. */
export function pickEmoji(all: readonly Emoji[], chosen: readonly string[]): Emoji[] {
  return chosen.flatMap((emoji) => {
    const found = all.find((one) => one.emoji === emoji || one.tones.includes(emoji));
    return found ? [{ ...found, emoji }] : [];
  });
}

/** Those that every word of the query means, by name before by other words, each in the order they came. */
export function findEmoji(all: readonly Emoji[], query: string): Emoji[] {
  const wanted = wordsOf(query);
  const ranked = all.flatMap((one) => {
    const ranks = wanted.map((word) => rankOf(one, word));
    return ranks.includes(null) ? [] : [{ one, rank: Math.max(...ranks.map((rank) => rank ?? 0)) }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}

/** 0: the name begins so; 1: a word of it does; 2: another word does; null: nothing. */
function rankOf({ emoji, name, tags }: Emoji, word: string): number | null {
  if (emoji === word || name.toLowerCase().startsWith(word)) return 0;
  if (hasWord(name, word)) return 1;
  return hasWord(tags, word) ? 2 : null;
}

function hasWord(text: string, word: string): boolean {
  // Where words are not set apart, any place may be where one begins.
  if (/\p{Script=Han}/u.test(word)) return text.includes(word);
  return wordsOf(text).some((one) => one.startsWith(word));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s:,()-]+/u)
    .filter((word) => word !== "");
}
