import { z } from "zod";
import { conversationIdSchema, timestampSchema } from "../../protocol/ids.ts";

interface InboxCursor {
  readonly updated_at: number;
  readonly conversation_id: string;
}

const cursorSchema = z.tuple([z.coerce.number().pipe(timestampSchema), conversationIdSchema]);

/** Names the last row of a page: opaque to clients. */
export function encodeInboxCursor({ updated_at, conversation_id }: InboxCursor): string {
  return `${updated_at}.${conversation_id}`;
}

export function decodeInboxCursor(cursor: string): InboxCursor | null {
  const parsed = cursorSchema.safeParse(cursor.split("."));
  return parsed.success ? { updated_at: parsed.data[0], conversation_id: parsed.data[1] } : null;
}
