import type { ConversationDetails, ConversationSnapshot, ShownMessage } from "../../../sdk/index.ts";

/** The default of `edit_window_seconds`; the server has the last word. */
const EDIT_WINDOW_MS = 86_400_000;

/** What is offered for a message: what the server would refuse is not (docs/protocol.md, CONV-3). */
export interface Offered {
  readonly reply: boolean;
  readonly edit: boolean;
  readonly remove: boolean;
  readonly pin: boolean;
}

export function offeredFor(message: ShownMessage, details: ConversationDetails | null, now: number): Offered {
  const isThere = message.seq !== null && message.deleted_at === null;
  const isManager = details?.role === "owner" || details?.role === "admin";
  const isPair = details?.type === "one_on_one";
  return {
    reply: isThere,
    edit: isThere && message.mine && now - message.created_at < EDIT_WINDOW_MS,
    remove: isThere && (message.mine || (details?.type === "group" && isManager)),
    pin: isThere && (isPair || isManager),
  };
}

/** The user's last message, for whoever wants to put it right at once; null while it may lie beyond what is shown. */
export function lastToEdit({
  messages,
  hasLater,
}: Pick<ConversationSnapshot, "messages" | "hasLater">): ShownMessage | null {
  if (hasLater) return null;
  const last = messages.findLast(({ mine, seq, deleted_at }) => mine && seq !== null && deleted_at === null);
  return last && !last.event ? last : null;
}

export function canManage(details: ConversationDetails | null): boolean {
  return details?.type === "group" && details.role !== "member";
}
