import { inboxRowSchema } from "../conversation.ts";
import { frameSchema } from "./frame.ts";

/** A row of the inbox has changed elsewhere: read marks, unread counts, settings (UNR-2). */
export const inboxUpdateFrameSchema = frameSchema("INBOX_UPDATE", inboxRowSchema);
