import type { Emoji } from "./emoji.ts";

/** What stands in the picker, one below the other. */
export type GridLine =
  | { readonly kind: "heading"; readonly title: string }
  | { readonly kind: "row"; readonly emoji: readonly Emoji[] };

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function gridLines(
  sections: readonly { readonly title: string; readonly emoji: readonly Emoji[] }[],
  columns: number,
): GridLine[] {
  return sections.flatMap(({ title, emoji }): GridLine[] => {
    if (emoji.length === 0) return [];
    const rows = Array.from({ length: Math.ceil(emoji.length / columns) }, (_, row) => ({
      kind: "row" as const,
      emoji: emoji.slice(row * columns, (row + 1) * columns),
    }));
    return [{ kind: "heading", title }, ...rows];
  });
}

export function emojiAt(lines: readonly GridLine[], { line, column }: Place): Emoji | undefined {
  const found = lines[line];
  return found?.kind === "row" ? found.emoji[column] : undefined;
}

/** The first one; where nothing is, no other is either. */
export function firstPlace(lines: readonly GridLine[]): Place {
  return {
    line: Math.max(
      0,
      lines.findIndex(({ kind }) => kind === "row"),
    ),
    column: 0,
  };
}

/** Where an arrow key leads: along the rows, and from one to the next. The same place at the edges. */
export function stepFrom(lines: readonly GridLine[], from: Place, key: string): Place {
  switch (key) {
    case "ArrowRight":
      return emojiAt(lines, { ...from, column: from.column + 1 })
        ? { ...from, column: from.column + 1 }
        : { ...(nextRow(lines, from, 1, () => 0) ?? from) };
    case "ArrowLeft":
      if (from.column > 0) return { ...from, column: from.column - 1 };
      return nextRow(lines, from, -1, (length) => length - 1) ?? from;
    case "ArrowDown":
      return nextRow(lines, from, 1, (length) => Math.min(from.column, length - 1)) ?? from;
    case "ArrowUp":
      return nextRow(lines, from, -1, (length) => Math.min(from.column, length - 1)) ?? from;
    default:
      return from;
  }
}

function nextRow(
  lines: readonly GridLine[],
  { line }: Place,
  by: 1 | -1,
  columnIn: (length: number) => number,
): Place | null {
  for (let at = line + by; at >= 0 && at < lines.length; at += by) {
    const found = lines[at];
    if (found?.kind === "row") return { line: at, column: columnIn(found.emoji.length) };
  }
  return null;
}
