/** A table of the report; the first column is text, the others are numbers. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader has to know to read it right. */
  readonly note?: string;
}

/** For a terminal. */
export function renderText({ title, head, rows, note }: Table): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  ");
  return [
    title,
    ...[head, ...rows].map((row) => `  ${line(row).trimEnd()}`),
    ...(note ? [`  ${note}`] : []),
  ].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** For the documents. */
export function renderMarkdown({ title, head, rows, note }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [`### ${title}`, "", ...(note ? [note, ""] : []), ...[head, rule, ...rows].map(line)].join("\n");
}

/** A number as a reader wants it: three digits that count, thousands apart. */
export function number(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
