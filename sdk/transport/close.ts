import { CLOSE } from "../../src/protocol/close-codes.ts";

/** What follows on the end of a socket: come back, come back with a fresh token, or stay away (docs/protocol.md §3). */
export type AfterClose = "retry" | "refresh" | "stop";

export function judgeClose(code: number): AfterClose {
  if (code === CLOSE.token_expired) return "refresh";
  return code >= 4500 && code <= 4999 ? "stop" : "retry";
}
