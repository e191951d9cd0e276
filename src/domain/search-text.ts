/**
 * What is searched in a text: its words and, where a script puts no spaces between words, its characters. Both are folded:
 * whoever searches need not know how something was written.
 */
export interface Unit {
  /** Folded. */
  readonly text: string;
  readonly kind: "word" | "character";
  /** Where it stands in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** A character with another right before it. */
  readonly isGlued: boolean;
}

/** Letters, digits, and the marks on them, that stand together. */
const RUN = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gv;

/** A letter with what belongs to it: marks, the vowel and the final of a Hangul syllable, half-width voicing. */
const ATOM = /[\p{L}\p{N}][\u1160-\u11FF\uD7B0-\uD7FB\uFF9E\uFF9F\p{M}]*/gv;

/** Of a script without spaces between words, or, in Korean, with words that grow at their ends. */
const SPACELESS =
  /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/v;

/** Most of what is written so: each code unit is a character, and folds to itself. */
const PLAIN_SPACELESS = /^[\u3041-\u3096\u30A1-\u30FA\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7A3]+$/;

/** What readers do without: accents of no script in particular, the points of Hebrew and Arabic, the Arabic long dash. */
const POINTS = /[[[\p{Mn}\p{Me}]&&[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}]]--[\u3099\u309A]]|\u0640/gv;

/** Of what a compatibility form stands for, as of "⑴". */
const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{N}\p{M}]/gv;

/** Letters that Unicode does not take apart. */
const PLAIN: Readonly<Record<string, string>> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ħ: "h",
  ł: "l",
  ŧ: "t",
  ς: "σ",
};
const NOT_PLAIN = /[æœøđħłŧς]/g;

const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[0-9A-Za-z]+/g;

/** A letter without case, accents and width: "Ł" and "Ｌ" are "l", "ß" is "ss". */
export function foldLetter(letter: string): string {
  if (ASCII.test(letter)) return letter.toLowerCase();
  // By way of upper case: "ß" and "ı" are two letters and another one there.
  return letter
    .normalize("NFKD")
    .replace(POINTS, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(NOT_PLAIN, (found) => PLAIN[found] ?? found)
    .normalize("NFC")
    .replace(NEITHER_LETTER_NOR_DIGIT, "");
}

/** The letters of a text, each with its marks, folded, and where it ends. */
export function* lettersOf(text: string): Generator<{ letter: string; folded: string; start: number }> {
  for (const { 0: letter, index } of text.matchAll(ATOM)) {
    yield { letter, folded: foldLetter(letter), start: index };
  }
}

/** Everything in `text` that can be searched for, in its order. */
export function unitsOf(text: string): Unit[] {
  const units: Unit[] = [];
  const runs = text.matchAll(ASCII.test(text) ? ASCII_WORD : RUN);
  for (const { 0: run, index } of runs) addRun(units, run, index);
  return units;
}

function addRun(units: Unit[], run: string, start: number): void {
  if (ASCII.test(run)) addWord(units, run.toLowerCase(), start, start + run.length);
  else if (PLAIN_SPACELESS.test(run)) addCharacters(units, run, run, start, false);
  else addMixed(units, run, start);
}

function addMixed(units: Unit[], run: string, start: number): void {
  let word = "";
  let word_start = 0;
  let isGlued = false;
  for (const { letter, folded, start: at } of lettersOf(run)) {
    const isCharacter = SPACELESS.test(letter);
    if (isCharacter) {
      addWord(units, word, start + word_start, start + at);
      word = "";
      addCharacters(units, letter, folded, start + at, isGlued);
    } else {
      if (word === "") word_start = at;
      word += folded;
    }
    isGlued = isCharacter;
  }
  addWord(units, word, start + word_start, start + run.length);
}

function addWord(units: Unit[], text: string, start: number, end: number): void {
  if (text !== "") units.push({ text, kind: "word", start, end, isGlued: false });
}

/** A letter may fold to several characters, or several code points to one: then each stands for the whole. */
function addCharacters(
  units: Unit[],
  source: string,
  folded: string,
  start: number,
  isFirstGlued: boolean,
): void {
  const isOneToOne = source === folded;
  let isGlued = isFirstGlued;
  let at = start;
  for (const text of folded) {
    const end = isOneToOne ? at + text.length : start + source.length;
    units.push({ text, kind: "character", start: at, end, isGlued });
    if (isOneToOne) at = end;
    isGlued = true;
  }
}
