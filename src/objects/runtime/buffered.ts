/** What was sent on a socket and has not left (bytes). 0 on a platform that does not tell. */
export function bufferedBytes(socket: WebSocket): number {
  return socket.bufferedAmount ?? 0;
}
