import type { InboxRow, Message, UimClient } from "../../../sdk/index.ts";
import { onceSynced } from "../data/once-synced.ts";
import { isToBeTold } from "../inbox/mute.ts";

/** Passes on each message that this user is to be told of, with who has sent it, until the returned function is called. */
export function tellArrivals({
  client,
  user_id,
  nameOf,
  show,
}: {
  client: Pick<UimClient, "connection" | "inbox" | "on">;
  user_id: string;
  nameOf: (sender_id: string) => Promise<string>;
  show: (row: InboxRow, sender: string, message: Message) => Promise<void>;
}): () => void {
  let isOver = false;
  const rowToTellOf = (message: Message) => {
    if (isOver || document.visibilityState === "visible" || Notification.permission !== "granted")
      return null;
    const { rows } = client.inbox.getSnapshot();
    const row = rows.find(({ conversation_id }) => conversation_id === message.conversation_id);
    return row && isToBeTold(row, message, user_id, Date.now()) ? row : null;
  };
  const tell = async (message: Message) => {
    if (!rowToTellOf(message)) return;
    const sender = await nameOf(message.sender_id);
    // It may have been read meanwhile, or its user have signed out.
    const row = rowToTellOf(message);
    if (row) await show(row, sender, message);
  };
  const arrivals = onceSynced<Message>(client.connection, (message) => {
    tell(message).catch((error) => console.warn(error));
  });
  const stop = client.on("message", arrivals.take);
  return () => {
    isOver = true;
    stop();
    arrivals.cancel();
  };
}
