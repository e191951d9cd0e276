import { z } from "zod";
import { frameSchema } from "../../src/protocol/frames/frame.ts";
import { conversationIdSchema, userIdSchema } from "../../src/protocol/ids.ts";

/** Somebody types, or no longer does; what is not said again within `expires_in_ms` has ended (TYPE-1). */
export const typingFrameSchema = frameSchema(
  "TYPING_INDICATOR",
  z.object({
    conversation_id: conversationIdSchema,
    user_id: userIdSchema,
    is_typing: z.boolean(),
    expires_in_ms: z.number().int(),
  }),
);
export type Typing = z.infer<typeof typingFrameSchema>["payload"];
