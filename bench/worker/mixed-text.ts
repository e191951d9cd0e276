/** Of what made-up Latin words are made. */
const SYLLABLES = [
  ..."ba re ti on sel mar vo ku nen da".split(" "),
  ..."li sho ter pa qui zen fro gul hi ex".split(" "),
];
const WORDS = 20_000;
const FIRST_HAN = 0x4e00;
const HAN = 3_000;

/** The word of a rank: the commonest are short, and every seventh has an accent. */
export function latinWord(rank: number): string {
  const random = randomFrom(rank + 1);
  const syllables = 1 + (rank > 50 ? 1 : 0) + (rank > 800 ? 1 : 0) + (rank > 6_000 ? 1 : 0);
  const word = Array.from({ length: syllables }, () => pick(SYLLABLES, random)).join("");
  return rank % 7 === 0 ? `${word}é` : word;
}

/** Two characters; those of common words are common. */
export function hanWord(rank: number): string {
  const random = randomFrom(rank + 1_000_000);
  const character = () => String.fromCodePoint(FIRST_HAN + Math.floor(random() ** 3 * HAN));
  return character() + character();
}

/**
 * A message as people write it, about 75 characters: of ten, six in Latin words, three in Chinese, one in both, all with
 * common and rare words as languages have them. The same for the same number.
 */
export function mixedText(number: number): string {
  const random = randomFrom(number);
  const latin = () => latinWord(commonRank(random));
  const han = () => hanWord(commonRank(random));
  const some = (count: number, word: () => string, between: string) =>
    Array.from({ length: count }, word).join(between);
  const kind = number % 10;
  if (kind < 6) return some(8 + Math.floor(random() * 18), latin, " ");
  if (kind < 9) return some(3, () => some(2 + Math.floor(random() * 5), han, ""), "，");
  return some(6, () => latin() + han() + han(), " ");
}

/** Zipf's law: the word of rank n is met as often as 1/n. */
function commonRank(random: () => number): number {
  return Math.min(WORDS - 1, Math.floor(Math.exp(random() * Math.log(WORDS)) - 1));
}

function pick<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
