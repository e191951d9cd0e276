import type { ConversationSnapshot, MessageStatus } from "../../../sdk/index.ts";

type Known = Pick<ConversationSnapshot, "row" | "members" | "marks">;

/** How far all others have got with an own message, whichever part of the conversation is on screen; without knowing them, `sent`. */
export function ownStatus({ row, members, marks }: Known, user_id: string, seq: number): MessageStatus {
  const others = row?.peer ? [row.peer.user_id] : members.filter((member) => member !== user_id);
  const haveAll = (mark: "read_seq" | "delivered_seq") =>
    others.length > 0 && others.every((other) => (marks[other]?.[mark] ?? 0) >= seq);
  if (haveAll("read_seq")) return "read";
  return haveAll("delivered_seq") ? "delivered" : "sent";
}
