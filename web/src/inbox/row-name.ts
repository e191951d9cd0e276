import { useQueryClient } from "@tanstack/react-query";
import type { InboxRow, User } from "../../../sdk/index.ts";
import { nameOf, useName } from "../data/people.ts";
import { useText } from "../text/text.tsx";

/** What a conversation is called, as far as its row says it. */
function ownName(row: InboxRow): string | null {
  if (row.type === "group") return row.name ?? "";
  const { display_name, username } = row.peer ?? {};
  return display_name || username || null;
}

export function useRowName(row: InboxRow | null): string {
  const text = useText();
  const told = row && ownName(row);
  const fetched = useName(row && told === null ? (row.peer?.user_id ?? null) : null);
  return told ?? (fetched || (row && !row.peer ? text.unknownPerson : ""));
}

/** The same for many rows: of those whose peer is not known yet, the name is empty. */
export function useRowNames(): (row: InboxRow) => string {
  const queries = useQueryClient();
  return (row) => {
    const told = ownName(row);
    if (told !== null) return told;
    const user = queries.getQueryData<User>(["user", row.peer?.user_id]);
    return user ? nameOf(user) : "";
  };
}
