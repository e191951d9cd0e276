import { z } from "zod";
import { conversationIdSchema, seqSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

/** More was missed than is pushed: the entries from `from_seq` to `to_seq` are for the history route (DLV-1). */
export const syncGapFrameSchema = frameSchema(
  "SYNC_GAP",
  z.object({ conversation_id: conversationIdSchema, from_seq: seqSchema, to_seq: seqSchema }),
);
