import type { ConversationEvent } from "../../src/protocol/event.ts";

/** Who is a member, and as of which entry that is known. By user id. */
export type Memberships = Readonly<Record<string, { readonly seq: number; readonly isMember: boolean }>>;

/** What an event says of members; an older one than what is known says nothing. */
export function afterEvent(known: Memberships, event: ConversationEvent, seq: number): Memberships {
  if (event.change !== "member_added" && event.change !== "member_removed") return known;
  return afterAll(known, event.user_ids, event.change === "member_added", seq);
}

/** The list of members, as it was at `seq` or later. */
export function afterList(known: Memberships, user_ids: readonly string[], seq: number): Memberships {
  const gone = Object.keys(known).filter((user_id) => !user_ids.includes(user_id));
  return afterAll(afterAll(known, gone, false, seq), user_ids, true, seq);
}

export function membersOf(known: Memberships): string[] {
  return Object.keys(known).filter((user_id) => known[user_id]?.isMember === true);
}

function afterAll(
  known: Memberships,
  user_ids: readonly string[],
  isMember: boolean,
  seq: number,
): Memberships {
  const newer = user_ids.filter(
    (user_id) => (known[user_id]?.seq ?? -1) < seq || known[user_id]?.seq === seq,
  );
  return { ...known, ...Object.fromEntries(newer.map((user_id) => [user_id, { seq, isMember }])) };
}
