import type { Phrase, SearchQuery, SoughtUnit } from "./search-query.ts";
import { lettersOf, type Unit, unitsOf } from "./search-text.ts";

/** A part of a text that was asked for, in UTF-16 code units. */
export interface Highlight {
  readonly start: number;
  readonly length: number;
}

/** In a long text the first ones will do. */
export const MAX_HIGHLIGHTS = 100;

/**
 * Where `content` has what is asked for: ascending, none within another; null if it lacks one of the phrases. Each word
 * is a range of its own, and each stretch of characters.
 */
export function findHighlights(content: string, query: SearchQuery): Highlight[] | null {
  if (query.length === 0) return null;
  const units = unitsOf(content);
  const found: Highlight[] = [];
  for (const phrase of query) {
    const before = found.length;
    for (let at = 0; at + phrase.length <= units.length && found.length - before < MAX_HIGHLIGHTS; ) {
      if (!matchesAt(units, phrase, at)) at++;
      else {
        addRanges(found, content, units, phrase, at);
        at += phrase.length;
      }
    }
    if (found.length === before) return null;
  }
  return withoutOverlaps(found).slice(0, MAX_HIGHLIGHTS);
}

function matchesAt(units: readonly Unit[], phrase: Phrase, at: number): boolean {
  return phrase.every((sought, index) => {
    const unit = units[at + index];
    return unit !== undefined && matches(unit, sought, index > 0);
  });
}

/** `isInside`: what stands before is sought too, so that it counts whether something stands between. */
function matches(unit: Unit, sought: SoughtUnit, isInside: boolean): boolean {
  if (unit.kind !== sought.kind || (isInside && sought.isGlued && !unit.isGlued)) return false;
  return sought.isPrefix ? unit.text.startsWith(sought.text) : unit.text === sought.text;
}

function addRanges(
  found: Highlight[],
  content: string,
  units: readonly Unit[],
  phrase: Phrase,
  at: number,
): void {
  let stretch: Highlight | null = null;
  for (const [index, sought] of phrase.entries()) {
    const unit = units[at + index];
    if (!unit) return;
    const end = sought.isPrefix ? prefixEnd(content, unit, sought.text) : unit.end;
    if (stretch && sought.isGlued) {
      stretch = { start: stretch.start, length: end - stretch.start };
      found.pop();
    } else stretch = { start: unit.start, length: end - unit.start };
    found.push(stretch);
  }
}

/** Where the letter ends with which the beginning of a word is complete. */
function prefixEnd(content: string, { start, end }: Unit, prefix: string): number {
  let length = 0;
  for (const { letter, folded, start: at } of lettersOf(content.slice(start, end))) {
    length += folded.length;
    if (length >= prefix.length) return start + at + letter.length;
  }
  return end;
}

/** Of two that overlap the one that begins first stays, or the longer one. */
function withoutOverlaps(ranges: readonly Highlight[]): Highlight[] {
  const kept: Highlight[] = [];
  let end = 0;
  for (const range of ranges.toSorted((a, b) => a.start - b.start || b.length - a.length)) {
    if (range.start < end) continue;
    kept.push(range);
    end = range.start + range.length;
  }
  return kept;
}
