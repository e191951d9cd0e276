import type { InboxRow } from "../../../sdk/index.ts";
import { useUser } from "../data/people.ts";
import { useIsFamiliar } from "../data/use-familiar.ts";

/** A conversation's picture; none of strangers. */
export function useRowPicture(row: InboxRow | null): string | null {
  const { user_id = null, avatar_url } = row?.peer ?? {};
  const isFamiliar = useIsFamiliar(row?.conversation_id ?? "", user_id);
  const fetched = useUser(isFamiliar && avatar_url === undefined ? user_id : null);
  return isFamiliar ? (row?.avatar_url ?? avatar_url ?? fetched?.avatar_url ?? null) : null;
}
