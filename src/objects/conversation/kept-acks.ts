import type { ForwardedAck } from "../../domain/hand-over.ts";
import { advanceMarks } from "../../domain/marks.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import { marksOf } from "./commit.ts";
import type { ConversationState } from "./state.ts";

type Sockets = SocketSet<ConversationSocket>;

/** A socket's device has acknowledged: the attachment keeps it across sleep. False if the socket is open no more. */
export function keepAck(sockets: Sockets, socket: WebSocket, { seq, at }: ForwardedAck): boolean {
  const session = sockets.session(socket);
  if (!session) return false;
  if (session.acked_seq < seq) sockets.update(socket, { ...session, acked_seq: seq, acked_at: at });
  return true;
}

export function ackOf({ device_id, acked_seq, acked_at }: ConversationSocket): ForwardedAck {
  return { device_id, seq: acked_seq, at: acked_at };
}

/** What devices have acknowledged on their open sockets, by user. */
export function keptAcks(sockets: Sockets): Map<string, ForwardedAck[]> {
  const acks = new Map<string, ForwardedAck[]>();
  for (const [, session] of sockets.entries()) {
    if (session.acked_seq === 0) continue;
    acks.set(session.user_id, [...(acks.get(session.user_id) ?? []), ackOf(session)]);
  }
  return acks;
}

/** Puts a delivered mark right that no row says: the object wakes, and a socket remembers (DLV-5). */
export function recallMark(state: ConversationState, session: ConversationSocket): void {
  const { user_id, acked_seq, acked_at } = session;
  const member = state.members.get(user_id);
  if (!member) return;
  const marks = advanceMarks(marksOf(member), "delivered", acked_seq, state.head.seq, acked_at);
  state.members.set(user_id, { ...member, ...marks });
}
