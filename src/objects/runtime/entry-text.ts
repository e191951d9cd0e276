import { frameTypeOf, type HandedEntry } from "../../domain/hand-over.ts";
import type { FrameText } from "./frame-writer.ts";

/** What the frame of an entry says beside its payload: on a conversation socket when, on a device socket which `sync_id`. */
type Beside = { readonly timestamp: number } | { readonly sync_id: number };

/** The frame of an entry around a payload that was encoded once for all its receivers. */
export function entryText(
  { kind, payload }: Pick<HandedEntry, "kind" | "payload">,
  beside: Beside,
): FrameText {
  const type = frameTypeOf(kind);
  return "timestamp" in beside
    ? `{"type":"${type}","timestamp":${beside.timestamp},"payload":${payload}}`
    : `{"type":"${type}","payload":${payload.slice(0, -1)},"sync_id":${beside.sync_id}}}`;
}
