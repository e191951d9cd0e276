import { z } from "zod";

const sendSchema = z.object({
  type: z.literal("MESSAGE_SEND"),
  payload: z.object({
    conversation_id: z.string(),
    client_message_id: z.string(),
    content: z.string().min(1).max(100_000),
  }),
});

export type Draft = z.infer<typeof sendSchema>["payload"];

/** What a MESSAGE_SEND says; null for any other frame. */
export function readDraft(frame: unknown): Draft | null {
  return sendSchema.safeParse(frame).data?.payload ?? null;
}
