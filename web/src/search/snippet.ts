import type { SearchHit } from "../../../sdk/index.ts";

/** A stretch of a text, and whether it is what was looked for. */
export interface SnippetPart {
  readonly text: string;
  readonly isFound: boolean;
}

/** So much of what stands before the first find is shown. */
const LEAD_CHARS = 40;
const MAX_CHARS = 240;

/** A message around what was found in it, in one line; the highlights count UTF-16 code units, as strings here do. */
export function snippetOf({ message: { content }, highlights }: SearchHit): SnippetPart[] {
  const found = highlights[0]?.start ?? 0;
  const from = found <= LEAD_CHARS ? 0 : wordStartAfter(content, found - LEAD_CHARS, found);
  const to = Math.min(content.length, from + MAX_CHARS);
  const parts: SnippetPart[] = [];
  const add = (start: number, end: number, isFound: boolean) => {
    const text = content.slice(start, end).toWellFormed().replace(/\s+/gu, " ");
    if (text !== "") parts.push({ text, isFound });
  };
  if (from > 0) parts.push({ text: "… ", isFound: false });
  let at = from;
  for (const { start, length } of highlights) {
    if (start >= to) break;
    const end = Math.min(to, start + length);
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, to, false);
  if (to < content.length) parts.push({ text: " …", isFound: false });
  return parts;
}

/** Where the first whole word begins, so that none is cut in two; where there are no spaces, anywhere. */
function wordStartAfter(content: string, from: number, to: number): number {
  const space = content.slice(from, to).search(/\s/u);
  return space < 0 ? from : from + space + 1;
}
