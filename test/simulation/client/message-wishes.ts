import type { MessageCommand } from "../../../src/objects/conversation/commands.ts";
import { type Asked, WishBook } from "./wishes.ts";

/** What was asked of messages, for everybody to see. */
export class MessageWishes {
  /** By message: its text; null as it was sent. */
  readonly texts = new WishBook<string | null>(null);
  readonly deletions = new WishBook(false);
  readonly pins = new WishBook(false);
  /** By message, member and emoji. */
  readonly reactions = new WishBook(false);

  begin(user_id: string, message_id: string, command: MessageCommand, now: number): Asked {
    switch (command.kind) {
      case "edit":
        return this.texts.of(message_id).begin(command.edit.content, now);
      case "delete":
        return this.deletions.of(message_id).begin(true, now);
      case "react":
      case "unreact":
        return this.reactions
          .of(reactionKey(message_id, user_id, command.emoji))
          .begin(command.kind === "react", now);
      case "pin":
      case "unpin":
        return this.pins.of(message_id).begin(command.kind === "pin", now);
    }
  }
}

export function reactionKey(message_id: string, user_id: string, emoji: string): string {
  return `${message_id} ${user_id} ${emoji}`;
}
