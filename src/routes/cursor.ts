import { base64url } from "jose";
import { RefusalError } from "../middleware/refusal-error.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { Page } from "../protocol/page.ts";

/** A cursor is opaque to clients: the key of the last item, encoded. */
export function encodeCursor(key: string): string {
  return base64url.encode(key);
}

/** The key a cursor stands for, or null for the first page. */
export function decodeCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(base64url.decode(cursor));
  } catch {
    throw invalidCursor();
  }
}

export function invalidCursor(): RefusalError {
  return new RefusalError(invalidRequest([{ path: "cursor", message: "is not a cursor of this list" }]));
}

/** A page out of up to `limit + 1` rows: the one too many tells that there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next_cursor = rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null;
  return { items: shown.map(itemOf), next_cursor };
}
