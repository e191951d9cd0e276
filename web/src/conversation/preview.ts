import type { Message } from "../../../sdk/index.ts";
import type { Catalogue } from "../text/en.ts";

type Previewed = Pick<Message, "content" | "deleted_at">;

/** A message in one line. */
export function previewOf(message: Previewed, text: Catalogue): string {
  if (message.deleted_at !== null) return text.deletedMessage;
  return message.content.replace(/\s+/gu, " ").trim();
}
