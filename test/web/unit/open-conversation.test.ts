import { expect, it, vi } from "vitest";
import { openToUnread } from "../../../web/src/conversation/use-open-conversation.ts";
import { shownMessage } from "./shown-message.ts";

it("a chat that was left while it was opening is not closed again: it may be open once more", async () => {
  const opening = Promise.withResolvers<void>();
  const conversation = {
    open: () => opening.promise,
    close: vi.fn(),
    loadEarlier: vi.fn(async () => false),
    getSnapshot: () => ({
      conversation_id: "c",
      row: null,
      details: null,
      messages: [shownMessage(1, "ada", 0)],
      hasEarlier: false,
      hasLater: false,
      typing: [],
      members: [],
      marks: {},
    }),
  };
  let isWanted = true;
  const opened = openToUnread(conversation, () => isWanted);
  isWanted = false;
  opening.resolve();
  await opened;
  expect(conversation.close).not.toHaveBeenCalled();
  expect(conversation.loadEarlier).not.toHaveBeenCalled();
});
