const COLOURS = 8;

/** Up to two letters that stand for a name; of Chinese, Japanese and Korean names the last character says more. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s_.-]+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const [first = "", last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(first)) {
    return [...first].slice(-1).join("");
  }
  const letters = [first, last ?? ""].map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? "");
  return letters.join("").toUpperCase();
}

/** The same colour for the same id, on every device. */
export function colourOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}
