import { z } from "zod";
import { cleanTextSchema } from "../text.ts";
import { presenceSchema } from "../user.ts";
import { frameSchema } from "./frame.ts";

export const clientPresenceFrameSchema = frameSchema(
  "PRESENCE_UPDATE",
  z.object({
    status: z.enum(["online", "away", "busy"]),
    status_text: cleanTextSchema.trim().max(200).optional(),
  }),
);
export type ClientPresenceFrame = z.infer<typeof clientPresenceFrameSchema>;

export const serverPresenceFrameSchema = frameSchema("PRESENCE_UPDATE", presenceSchema);
export type ServerPresenceFrame = z.infer<typeof serverPresenceFrameSchema>;
