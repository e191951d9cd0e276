import { type Unit, unitsOf } from "./search-text.ts";

/** One word or character to be found. */
export interface SoughtUnit {
  /** Folded. */
  readonly text: string;
  readonly kind: Unit["kind"];
  readonly isGlued: boolean;
  /** A word that begins like this will do. */
  readonly isPrefix: boolean;
}

/** Words and characters to be found next to each other, in this order. */
export type Phrase = readonly SoughtUnit[];

/** What is asked for: all of these phrases. Without any, nothing is found. */
export type SearchQuery = readonly Phrase[];

/** What people type for a quotation mark, which their keyboards make curly. */
const QUOTES = /[“”„‟＂]/g;

/** A quoted phrase, closed or still being typed, or whatever stands between spaces. */
const PART = /"([^"]*)("?)|([^\s"]+)/g;

/**
 * Reads what somebody typed. Everything in it is text to be found, but for quotation marks, which hold words together, and
 * an asterisk at the end of a word. What holds no letter or digit asks for nothing.
 */
export function parseSearch(q: string): SearchQuery {
  const phrases: SoughtUnit[][] = [];
  let isOpen = false;
  for (const [, quoted, closing, bare] of q.replace(QUOTES, '"').matchAll(PART)) {
    const text = bare ?? quoted ?? "";
    const phrase = unitsOf(text).map((unit) => soughtUnit(unit, false));
    if (phrase.length === 0) continue;
    phrases.push(text.endsWith("*") ? asPrefix(phrase) : phrase);
    isOpen = closing !== '"';
  }
  const last = phrases.pop();
  // The last word may not be typed to its end.
  return last ? [...phrases, isOpen ? asPrefix(last) : last] : [];
}

function soughtUnit({ text, kind, isGlued }: Unit, isPrefix: boolean): SoughtUnit {
  return { text, kind, isGlued, isPrefix };
}

function asPrefix(phrase: readonly SoughtUnit[]): SoughtUnit[] {
  return phrase.map((unit, index) => ({
    ...unit,
    isPrefix: unit.kind === "word" && index === phrase.length - 1,
  }));
}
