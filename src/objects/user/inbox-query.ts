import { z } from "zod";
import type { Inbox } from "../../domain/inbox.ts";
import { conversationIdSchema, timestampSchema } from "../../protocol/ids.ts";
import type { PageQuery } from "../../protocol/page.ts";

/** Which rows of an inbox are wanted; what is left out is not asked about. */
export interface InboxFilter {
  readonly archived?: boolean | undefined;
  readonly requests?: boolean | undefined;
  /** Conversations that are called so, or are with one of these peers: who they are only the Worker knows. */
  readonly named?: { readonly q: string; readonly peer_ids: readonly string[] } | undefined;
}

export interface InboxQuery extends PageQuery, InboxFilter {
  /** `pinned`: those first; otherwise only the activity counts. */
  readonly sort?: InboxSort | undefined;
}

export type InboxSort = "activity" | "pinned";

/** Where a page ends. */
export type InboxPlace = Pick<Inbox, "pinned" | "updated_at" | "conversation_id">;

const placeSchema = z.tuple([
  z.enum(["", "0", "1"]),
  z.coerce.number().pipe(timestampSchema),
  conversationIdSchema,
]);

/** Names the last row of a page: opaque to clients. What is sorted by says whether it is pinned. */
export function encodeInboxCursor(
  sort: InboxSort,
  { pinned, updated_at, conversation_id }: InboxPlace,
): string {
  const rank = pinned ? "1" : "0";
  return `${sort === "pinned" ? `${rank}.` : ""}${updated_at}.${conversation_id}`;
}

/** Null if it is none of a list that is sorted so. */
export function decodeInboxCursor(sort: InboxSort, cursor: string): InboxPlace | null {
  const parts = cursor.split(".");
  const { data } = placeSchema.safeParse(sort === "pinned" ? parts : ["", ...parts]);
  if (!data || (sort === "pinned") !== (data[0] !== "")) return null;
  const [rank, updated_at, conversation_id] = data;
  return { pinned: rank === "1", updated_at, conversation_id };
}

/** What is compared instead of a name: without regard to case and to how its characters are composed. */
function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** The conditions of a page, in SQL that is made of fixed pieces, and what is bound to them. */
interface Selection {
  readonly where: string;
  readonly order: string;
  readonly bindings: readonly SqlStorageValue[];
}

/** `named`: the ids of the conversations that are called as the query wants it. */
export function selectInbox(
  { archived, requests, sort = "activity" }: InboxQuery,
  after: InboxPlace | null,
  named: readonly string[] | null,
): Selection {
  const conditions = ["left_seq IS NULL"];
  const bindings: SqlStorageValue[] = [];
  const demand = (condition: string, ...values: SqlStorageValue[]) => {
    conditions.push(condition);
    bindings.push(...values);
  };
  if (archived !== undefined) demand("archived = ?", archived ? 1 : 0);
  if (requests !== undefined) demand("is_request = ?", requests ? 1 : 0);
  if (named) demand("conversation_id IN (SELECT value FROM json_each(?))", JSON.stringify(named));
  if (after && sort === "pinned") {
    const { pinned, updated_at, conversation_id } = after;
    demand("(pinned, updated_at, conversation_id) < (?, ?, ?)", pinned ? 1 : 0, updated_at, conversation_id);
  } else if (after) {
    demand("(updated_at, conversation_id) < (?, ?)", after.updated_at, after.conversation_id);
  }
  const order = `${sort === "pinned" ? "pinned DESC, " : ""}updated_at DESC, conversation_id DESC`;
  return { where: conditions.join(" AND "), order, bindings };
}

export type NamedRow = { conversation_id: string; name: string | null; peer_id: string | null };

/** Which conversations are called so. Compared here, since SQLite knows the upper case of ASCII only. */
export function idsOfNamed(rows: readonly NamedRow[], q: string, peer_ids: readonly string[]): string[] {
  const wanted = nameKey(q);
  const peers = new Set(peer_ids);
  return rows
    .filter(({ name, peer_id }) =>
      peer_id === null ? name !== null && nameKey(name).includes(wanted) : peers.has(peer_id),
    )
    .map(({ conversation_id }) => conversation_id);
}
