import type { Receipts } from "../../../sdk/index.ts";

export type Reached = Receipts["read"][number];

/** Who has read a message and who has only got it, the last one first, and how many others have not. */
export function reachedBy({ read, delivered }: Receipts, user_id: string, member_count: number) {
  const others = (list: readonly Reached[]) =>
    list.filter((one) => one.user_id !== user_id).sort((one, other) => other.at - one.at);
  const readers = others(read);
  const read_ids = new Set(readers.map((one) => one.user_id));
  const receivers = others(delivered);
  return {
    read: readers,
    delivered: receivers.filter((one) => !read_ids.has(one.user_id)),
    missing: Math.max(
      0,
      member_count - 1 - new Set([...read_ids, ...receivers.map((one) => one.user_id)]).size,
    ),
  };
}
