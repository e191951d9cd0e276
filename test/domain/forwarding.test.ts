import { describe, expect, it } from "vitest";
import { messageOf } from "../../src/domain/entry.ts";
import { forward } from "../../src/domain/forwarding.ts";
import { CONVERSATION, entryOf, ME, OTHER } from "./samples.ts";

const message = messageOf(entryOf(3, { reply_to_seq: 1, metadata: { a: 1 } }), CONVERSATION);

describe("passing a message on", () => {
  it("takes what it says, and says whose it is", () => {
    expect(forward(message, "f-1")).toEqual({
      draft: {
        ...{ client_message_id: "f-1", content: "message 3", message_type: "text" },
        ...{ reply_to_seq: null, metadata: { a: 1 } },
      },
      forwarded_from: { user_id: OTHER, created_at: message.created_at },
    });
  });

  it("names who wrote it first, however often it was passed on", () => {
    const forwarded_from = { user_id: ME, created_at: 1 };
    expect(forward({ ...message, forwarded_from }, "f-1")).toMatchObject({ forwarded_from });
  });

  it("is not for what was deleted, or happened to a group", () => {
    expect(forward({ ...message, deleted_at: 1 }, "f-1")).toBeNull();
    expect(forward({ ...message, message_type: "system" }, "f-1")).toBeNull();
  });
});
