import { z } from "zod";
import { positionSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

export const syncRequestFrameSchema = frameSchema("SYNC_REQUEST", z.object({ last_sync_id: positionSchema }));
