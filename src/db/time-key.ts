import { type Column, type SQL, sql } from "drizzle-orm";

/** The place of a row in a list with the newest first: its time, and its id among those of the same time. */
export interface TimeKey {
  readonly at: number;
  readonly id: string;
}

/** Rows that come after `key` in such a list. */
export function isAfter(at: Column, id: Column, key: TimeKey): SQL {
  return sql`(${at}, ${id}) < (${key.at}, ${key.id})`;
}
