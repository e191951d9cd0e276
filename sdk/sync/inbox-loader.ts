import type { InboxRow } from "../../src/protocol/conversation.ts";
import type { Page } from "../../src/protocol/page.ts";
import type { PageRequest } from "../http/call.ts";
import type { Replica } from "./replica.ts";

/**
 * Fetches the whole inbox. To be begun when the device's socket is open, so that nothing falls between. Rows that are not there
 * any more are removed, unless a frame has told of them meanwhile.
 */
export async function loadInbox(
  replica: Replica,
  fetchPage: (request: PageRequest) => Promise<Page<InboxRow>>,
  taken: () => void,
): Promise<void> {
  const before = new Map(replica.inbox.conversation_ids.map((id) => [id, replica.inbox.told(id)]));
  let cursor: string | null = null;
  do {
    const page: Page<InboxRow> = await fetchPage({ cursor, limit: 100 });
    for (const row of page.items) {
      before.delete(row.conversation_id);
      replica.takeRow(row);
    }
    taken();
    cursor = page.next_cursor;
  } while (cursor !== null);
  for (const [id, row] of before) if (replica.inbox.told(id) === row) replica.removeRow(id);
  taken();
}
