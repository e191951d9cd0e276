import { z } from "zod";
import { errorCodeSchema, fieldErrorSchema } from "../errors.ts";
import { clientMessageIdSchema, conversationIdSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

/** Answers the frame with the same `request_id`; a refused send is also named by its `client_message_id`. */
export const errorFrameSchema = frameSchema(
  "ERROR",
  z.object({
    code: errorCodeSchema,
    message: z.string(),
    retry_after_ms: z.number().int().optional(),
    details: z
      .object({
        errors: z.array(fieldErrorSchema).optional(),
        conversation_id: conversationIdSchema.optional(),
        client_message_id: clientMessageIdSchema.optional(),
      })
      .optional(),
  }),
);
export type ErrorFrame = z.infer<typeof errorFrameSchema>;
