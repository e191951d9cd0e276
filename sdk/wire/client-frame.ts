import type { ClientFrame } from "../../src/protocol/frames/client-frame.ts";

/** Everything the SDK says on a socket. */
export type OutgoingFrame =
  | ClientFrame
  | {
      readonly type: "TYPING_INDICATOR";
      readonly payload: { readonly conversation_id: string; readonly is_typing: boolean };
    };
