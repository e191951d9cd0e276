import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";

/** D1 through drizzle. Only `batch()` is a transaction here; drizzle's `transaction()` does not work on D1. */
export type Database = DrizzleD1Database;

export function openDatabase(d1: D1Database): Database {
  return drizzle(d1);
}
