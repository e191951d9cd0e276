/** The column whose UNIQUE constraint an insert ran into, as `table.column`, or null if it failed for another reason. */
export function violatedColumn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const [, column] = /UNIQUE constraint failed: ([\w.]+)/.exec(error.message) ?? [];
  return column ?? violatedColumn(error.cause);
}
