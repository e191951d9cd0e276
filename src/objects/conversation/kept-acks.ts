import type { ForwardedAck } from "../../domain/hand-over.ts";
import { advanceMarks } from "../../domain/marks.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import { marksOf } from "./commit.ts";
import type { ConversationState } from "./state.ts";

type Sockets = SocketSet<ConversationSocket>;

/** A socket's device has acknowledged up to `seq`; the attachment keeps it across sleep. */
export function keepAck(sockets: Sockets, socket: WebSocket, seq: number, now: number): void {
  const session = sockets.session(socket);
  if (session && session.acked_seq < seq)
    sockets.update(socket, { ...session, acked_seq: seq, acked_at: now });
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

/** Up to where a device has acknowledged on its open socket; 0 if it has none. */
export function keptAckOf(sockets: Sockets, user_id: string, device_id: string): number {
  if (!sockets.hasSocketOf(user_id)) return 0;
  for (const [, session] of sockets.entries()) {
    if (session.user_id === user_id && session.device_id === device_id) return session.acked_seq;
  }
  return 0;
}

/** Puts the delivered marks right that no row says: the object wakes, and its sockets remember (DLV-5). */
export function recallMarks(sockets: Sockets, state: ConversationState): void {
  for (const [, { user_id, acked_seq, acked_at }] of sockets.entries()) {
    const member = state.members.get(user_id);
    if (!member) continue;
    const marks = advanceMarks(marksOf(member), "delivered", acked_seq, state.head.seq, acked_at);
    state.members.set(user_id, { ...member, ...marks });
  }
}
