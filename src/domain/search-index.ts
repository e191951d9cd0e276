import type { SearchQuery } from "./search-query.ts";
import { unitsOf } from "./search-text.ts";

/**
 * The index holds blocks of entries, not single ones: it tells which blocks may have what is sought, and the texts in them
 * are read to see. So it costs one row for eight entries, holds no positions, and never has to be exact.
 */
export const BLOCK_ENTRIES = 8;

/** A block is complete earlier if its texts are so long: they are all read when it is found. */
const BLOCK_CHARS = 4_000;

/** Of a longer word the beginning is indexed. */
const TERM_CHARS = 32;

/** The index is asked for so many terms at most: the longest, which tell most. */
const MAX_TERMS = 12;

/** Entries that stand together in the log. */
export interface Block {
  readonly first_seq: number;
  readonly last_seq: number;
}

/** A block's name in the index: they sort as the log does, and the name says where it ends. */
export function blockId({ first_seq, last_seq }: Block): number {
  return first_seq * BLOCK_ENTRIES + (last_seq - first_seq);
}

export function blockOf(id: number): Block {
  const first_seq = Math.floor(id / BLOCK_ENTRIES);
  return { first_seq, last_seq: first_seq + (id % BLOCK_ENTRIES) };
}

/** The first id of those whose blocks begin at `seq` or later. */
export function firstBlockId(seq: number): number {
  return seq * BLOCK_ENTRIES;
}

/** Cuts entries that follow each other into blocks; the last ones may not fill one (`isComplete`). */
export function cutBlocks<T extends { readonly seq: number; readonly content: string }>(
  entries: readonly T[],
): { entries: T[]; isComplete: boolean }[] {
  const blocks: { entries: T[]; isComplete: boolean }[] = [];
  let block: T[] = [];
  let chars = 0;
  for (const entry of entries) {
    block.push(entry);
    chars += entry.content.length;
    if (block.length < BLOCK_ENTRIES && chars < BLOCK_CHARS) continue;
    blocks.push({ entries: block, isComplete: true });
    block = [];
    chars = 0;
  }
  if (block.length > 0) blocks.push({ entries: block, isComplete: false });
  return blocks;
}

/**
 * What is indexed of some texts, each term once, with spaces between: words, and of characters each two that stand
 * together, and the last of them alone. So one character begins a term, wherever it stands.
 */
export function termsOf(contents: Iterable<string>): string {
  const terms = new Set<string>();
  for (const content of contents) {
    const units = unitsOf(content);
    for (const [index, { text, kind }] of units.entries()) {
      const next = units[index + 1];
      terms.add(kind === "character" && next?.isGlued ? text + next.text : cut(text));
    }
  }
  return [...terms].join(" ");
}

/** The terms that a text must have for it to be found, as a query of FTS5. */
export function filterOf(query: SearchQuery): string {
  const terms = new Set<string>();
  for (const phrase of query) {
    for (const [index, { text, kind, isGlued, isPrefix }] of phrase.entries()) {
      const next = phrase[index + 1];
      if (kind === "word") terms.add(quote(cut(text), isPrefix && text.length < TERM_CHARS));
      else if (next?.isGlued) terms.add(quote(text + next.text, false));
      else if (!isGlued) terms.add(quote(text, true));
    }
  }
  return [...terms]
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_TERMS)
    .join(" AND ");
}

/** Inside quotation marks nothing has a meaning of its own but they themselves. */
function quote(term: string, isPrefix: boolean): string {
  return `"${term.replaceAll('"', '""')}"${isPrefix ? " *" : ""}`;
}

/** Never through the middle of a code point. */
function cut(text: string): string {
  if (text.length <= TERM_CHARS) return text;
  return text.slice(0, TERM_CHARS).replace(/[\uD800-\uDBFF]$/, "");
}
