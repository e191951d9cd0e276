import type { MessageText } from "../../domain/entry.ts";
import type { FrameText } from "./frame-writer.ts";

/** What a `MESSAGE_RECEIVE` says beside the message: on a conversation socket when, on a device socket which `sync_id`. */
type Beside = { readonly timestamp: number } | { readonly sync_id: number };

/** The frame `MESSAGE_RECEIVE` around a message that was encoded once for all its receivers. */
export function receiveText(message: MessageText, beside: Beside): FrameText {
  return "timestamp" in beside
    ? `{"type":"MESSAGE_RECEIVE","timestamp":${beside.timestamp},"payload":${message}}`
    : `{"type":"MESSAGE_RECEIVE","payload":${message.slice(0, -1)},"sync_id":${beside.sync_id}}}`;
}
