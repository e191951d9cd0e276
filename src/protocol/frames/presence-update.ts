import { z } from "zod";
import { textSchema } from "../text.ts";
import { presenceSchema } from "../user.ts";
import { frameSchema } from "./frame.ts";

export const clientPresenceFrameSchema = frameSchema(
  "PRESENCE_UPDATE",
  z.object({
    status: z.enum(["online", "away", "busy"]),
    status_text: textSchema(200).optional(),
  }),
);

export const serverPresenceFrameSchema = frameSchema("PRESENCE_UPDATE", presenceSchema);
