import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";

/** Up to where every member's object had been served when this object fell asleep; 0 if no socket says so. */
export function vouchedSeq(sockets: SocketSet<ConversationSocket>): number {
  let served_seq = 0;
  for (const [, session] of sockets.entries()) served_seq = Math.max(served_seq, session.served_seq);
  return served_seq;
}

/** Lets one open socket say so, from now on until it is gone; 0: none any more. */
export function vouch(sockets: SocketSet<ConversationSocket>, served_seq: number): void {
  for (const [socket, session] of sockets.entries()) {
    if (session.served_seq !== served_seq) sockets.update(socket, { ...session, served_seq });
    if (served_seq > 0) return;
  }
}
