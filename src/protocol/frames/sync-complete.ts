import { z } from "zod";
import { positionSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

/** Everything up to `sync_id` has been pushed. `reset`: the client's `last_sync_id` is unknown; it fetches the inbox anew. */
export const syncCompleteFrameSchema = frameSchema(
  "SYNC_COMPLETE",
  z.object({ sync_id: positionSchema, reset: z.literal(true).optional() }),
);
