import { beforeEach, describe, expect, it, vi } from "vitest";
import { FamiliarChats, forgetFamiliarChats } from "../../../web/src/data/familiar-chats.ts";
import { shownMessage } from "./shown-message.ts";

const NO_DETAILS = { details: null };
const row = (conversation_id: string, sender_id: string) => {
  const { message_id, seq, ...message } = shownMessage(1, sender_id, 0);
  return { conversation_id, last_message: { ...message, message_id: message_id ?? "", seq: seq ?? 0 } };
};

/** As a browser keeps it. */
function kept(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe("familiar chats, in which pictures are fetched", () => {
  beforeEach(() => void vi.stubGlobal("localStorage", kept()));

  it("are those in which the user has said something, not those in which others have", () => {
    const chats = new FamiliarChats("me");
    chats.learnFromInbox([
      row("strangers", "ada"),
      row("own", "me"),
      { ...row("empty", ""), last_message: null },
    ]);
    expect([...chats.getSnapshot()]).toEqual(["own"]);
    chats.learnFromOpened({
      conversation_id: "strangers",
      messages: [shownMessage(1, "ada", 0)],
      ...NO_DETAILS,
    });
    expect(chats.getSnapshot().has("strangers")).toBe(false);
    const answered = [shownMessage(1, "ada", 0), shownMessage(2, "me", 0), shownMessage(3, "ada", 0)];
    chats.learnFromOpened({ conversation_id: "strangers", messages: answered, ...NO_DETAILS });
    expect(chats.getSnapshot().has("strangers")).toBe(true);
  });

  it("are groups that the user has made, not those it was put into", () => {
    const chats = new FamiliarChats("me");
    const open = (conversation_id: string, created_by: string) =>
      chats.learnFromOpened({
        conversation_id,
        messages: [],
        details: {
          conversation_id,
          type: "group",
          name: "Tea",
          description: null,
          avatar_url: null,
          created_by,
          created_at: 0,
          member_count: 2,
          head_seq: 0,
          role: "member",
          history_visible: true,
          readable_after_seq: 0,
        },
      });
    open("put into", "ada");
    open("made", "me");
    expect([...chats.getSnapshot()]).toEqual(["made"]);
  });

  it("are requests that were accepted; each user has its own, until it signs out", () => {
    new FamiliarChats("me").accept("a");
    new FamiliarChats("me").accept("b");
    expect([...new FamiliarChats("me").getSnapshot()]).toEqual(["a", "b"]);
    expect(new FamiliarChats("you").getSnapshot().size).toBe(0);
    forgetFamiliarChats("me");
    expect(new FamiliarChats("me").getSnapshot().size).toBe(0);
  });
});
