import { asc, inArray, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { signingKeys } from "./schema.ts";

export type SigningKeyRow = typeof signingKeys.$inferSelect;

export function listSigningKeys(db: Database): Promise<SigningKeyRow[]> {
  return db.select().from(signingKeys).orderBy(asc(signingKeys.signs_from));
}

/** Inserts `key` unless one begins to sign later than `signs_after`; one statement, so of two at once one wins. */
export async function insertSigningKeyUnlessNewer(
  db: Database,
  key: SigningKeyRow,
  signs_after: number,
): Promise<void> {
  await db.insert(signingKeys).select(
    sql`SELECT ${key.kid}, ${JSON.stringify(key.public_jwk)}, ${key.wrapped_private_key}, ${key.created_at},
          ${key.signs_from} WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE signs_from > ${signs_after})`,
  );
}

export async function deleteSigningKeys(db: Database, kids: string[]): Promise<void> {
  await db.delete(signingKeys).where(inArray(signingKeys.kid, kids));
}
