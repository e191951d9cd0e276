import type { InboxRow } from "../../../sdk/index.ts";
import { useUser } from "../data/people.ts";

/** A conversation's picture. A stranger's is not fetched: where it lies, that would tell that the request is looked at, and from where. */
export function useRowPicture(row: InboxRow | null): string | null {
  const known = row && !row.is_request ? row : null;
  const { user_id = null, avatar_url } = known?.peer ?? {};
  const fetched = useUser(avatar_url === undefined ? user_id : null);
  return known?.avatar_url ?? avatar_url ?? fetched?.avatar_url ?? null;
}
