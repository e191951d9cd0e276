import { describe, expect, it } from "vitest";
import type { InboxRow } from "../../../sdk/index.ts";
import {
  candidatesFor,
  completeMention,
  mentionQueryAt,
} from "../../../web/src/conversation/mention-query.ts";
import { lastToEdit } from "../../../web/src/conversation/permissions.ts";
import { arrange, badgeCount } from "../../../web/src/inbox/arrange.ts";
import { FOR_GOOD, isToBeTold, muteText, unmuted } from "../../../web/src/inbox/mute.ts";
import { ownStatus } from "../../../web/src/inbox/own-status.ts";
import { deviceName } from "../../../web/src/session/device.ts";
import { parsePath, pathOf } from "../../../web/src/shell/routes.ts";
import { en } from "../../../web/src/text/en.ts";
import { daysBetween } from "../../../web/src/text/times.ts";
import { zh } from "../../../web/src/text/zh.ts";
import { initialsOf } from "../../../web/src/ui/initials.ts";
import { isComposing } from "../../../web/src/ui/input-method.ts";
import { MESSAGE, row } from "./inbox-row.ts";
import { shownMessage } from "./shown-message.ts";

describe("the inbox", () => {
  it("shows pinned conversations first, and archived ones and requests apart", () => {
    const rows = [
      row("a"),
      row("b", { pinned: true }),
      row("c", { archived: true }),
      row("d", { is_request: true }),
    ];
    const ids = (view: "inbox" | "archived" | "requests") =>
      arrange(rows, view, "", () => "").map(({ conversation_id }) => conversation_id);
    expect(ids("inbox")).toEqual(["b", "a"]);
    expect(ids("archived")).toEqual(["c"]);
    expect(ids("requests")).toEqual(["d"]);
  });

  it("looks for a name in all lists", () => {
    const rows = [
      row("a", { name: "Tea" }),
      row("b", { name: "Team", archived: true }),
      row("c", { name: "Coffee" }),
    ];
    expect(arrange(rows, "inbox", " tea", ({ name }) => name ?? "")).toEqual([rows[0], rows[1]]);
  });

  it("counts on its badge what is not put aside, and of what is muted the mentions only", () => {
    expect(badgeCount([row("a"), row("b", { archived: true }), row("c", { is_request: true })], 0)).toBe(2);
    expect(badgeCount([row("a", { muted_until: 10 })], 5)).toBe(1);
    expect(badgeCount([row("a", { muted_until: 10 })], 15)).toBe(2);
    expect(badgeCount([row("a", { notifications: "mentions" })], 0)).toBe(1);
    expect(badgeCount([row("a", { unread_count: 0, marked_unread: true })], 0)).toBe(1);
  });
});

describe("how far an own message has got", () => {
  const marks = {
    you: { delivered_seq: 5, read_seq: 3 },
    ada: { delivered_seq: 4, read_seq: 4 },
  };

  it("goes by the marks of the other, whatever is shown of the conversation", () => {
    const chat = { row: row("a", { type: "one_on_one", peer: { user_id: "you" } }), members: [], marks };
    expect([3, 5, 6].map((seq) => ownStatus(chat, "me", seq))).toEqual(["read", "delivered", "sent"]);
  });

  it("goes by the last of all others in a group, and is unknown without them", () => {
    const group = { row: row("a"), members: ["me", "you", "ada"], marks };
    expect([3, 4, 5].map((seq) => ownStatus(group, "me", seq))).toEqual(["read", "delivered", "sent"]);
    expect(ownStatus({ ...group, members: [] }, "me", 3)).toBe("sent");
    expect(ownStatus({ ...group, members: ["me", "you", "new"] }, "me", 3)).toBe("sent");
  });
});

describe("a muted conversation", () => {
  const noon = new Date(2026, 4, 4, 12).getTime();
  const told = (more: Partial<InboxRow>) => muteText(row("a", more), en, "en-GB", noon);

  it("says until when", () => {
    expect(told({ muted_until: noon + 3_600_000 })).toBe("Muted until 13:00");
    expect(told({ muted_until: noon + 7 * 86_400_000 })).toBe("Muted until 11 May 2026, 12:00");
    expect(told({ muted_until: FOR_GOOD })).toBe(en.mutedForGood);
    expect(told({ notifications: "none" })).toBe(en.muted);
    expect(told({ muted_until: noon, notifications: "mentions" })).toBeNull();
  });

  it("is loud again with the level it had, or with all if that was none", () => {
    expect(unmuted(row("a", { muted_until: FOR_GOOD, notifications: "mentions" }))).toEqual({
      muted_until: null,
    });
    expect(unmuted(row("a", { notifications: "none" }))).toEqual({
      muted_until: null,
      notifications: "all",
    });
  });

  it("tells of nothing, and one with mentions only of mentions", () => {
    const tells = (more: Partial<InboxRow>, mentions: string[]) =>
      isToBeTold(row("a", more), { ...MESSAGE, mentions }, "me", noon);
    expect(tells({}, [])).toBe(true);
    expect(tells({ muted_until: noon + 1 }, ["me"])).toBe(false);
    expect(tells({ notifications: "none" }, ["me"])).toBe(false);
    expect(tells({ notifications: "mentions" }, ["you"])).toBe(false);
    expect(tells({ notifications: "mentions" }, ["me"])).toBe(true);
    expect(tells({ is_request: true }, ["me"])).toBe(false);
    expect(tells({ read_seq: MESSAGE.seq }, ["me"])).toBe(false);
  });
});

describe("mentions", () => {
  it("are completed where a name is begun, at the beginning of a word", () => {
    expect(mentionQueryAt("Hi @ad", 6)).toEqual({ at: 3, typed: "ad" });
    expect(mentionQueryAt("mail@ad", 7)).toBeNull();
    expect(mentionQueryAt("@ada done", 9)).toBeNull();
    expect(completeMention("Hi @ad!", { at: 3, typed: "ad" }, "ada")).toEqual({
      content: "Hi @ada !",
      caret: 8,
    });
  });

  it("are completed where words are not parted by spaces, and by names in any script", () => {
    expect(mentionQueryAt("你好@ada", 6)).toEqual({ at: 2, typed: "ada" });
    expect(mentionQueryAt("你好@张", 4)).toEqual({ at: 2, typed: "张" });
    expect(mentionQueryAt("@नी", 3)).toEqual({ at: 0, typed: "नी" });
    for (const mail of ["a.@ada", "a-@ada", "@@ada"]) expect(mentionQueryAt(mail, mail.length)).toBeNull();
  });

  it("are offered by user name and by each word of the shown name", () => {
    const user = (username: string, display_name: string) => ({
      user_id: username,
      username,
      display_name,
      avatar_url: null,
      status_text: "",
    });
    const users = [user("ada", "Ada Lovelace"), user("bob", "Bob Love"), user("cyd", "张伟")];
    expect(candidatesFor("lov", users, 5).map(({ username }) => username)).toEqual(["ada", "bob"]);
    expect(candidatesFor("张", users, 5).map(({ username }) => username)).toEqual(["cyd"]);
    expect(candidatesFor("", users, 2)).toHaveLength(2);
  });
});

describe("the last message, to be put right", () => {
  const [first, second, others] = [
    shownMessage(1, "me", 0),
    shownMessage(2, "me", 0),
    shownMessage(3, "ada", 0),
  ];

  it("is the user's own that is there, and none while the newest are not shown", () => {
    expect(lastToEdit({ messages: [first, second, others], hasLater: false })).toBe(second);
    expect(lastToEdit({ messages: [first, { ...second, deleted_at: 1 }], hasLater: false })).toBe(first);
    expect(lastToEdit({ messages: [first, second, others], hasLater: true })).toBeNull();
    expect(lastToEdit({ messages: [others], hasLater: false })).toBeNull();
  });
});

describe("small things", () => {
  it("reads paths, and knows nothing of others", () => {
    expect(parsePath("/c/x%20y")).toEqual({ name: "conversation", conversation_id: "x y", seq: null });
    expect(parsePath(pathOf("x y", 7))).toEqual({ name: "conversation", conversation_id: "x y", seq: 7 });
    for (const path of ["/c/x/0", "/c/x/1.5", "/c/x/y", "/c/x/1/2", "/join/x/1"]) {
      expect(parsePath(path)).toEqual({ name: "unknown" });
    }
    expect(parsePath("/join/code/")).toEqual({ name: "join", code: "code" });
    expect(parsePath("/")).toEqual({ name: "home" });
    expect(parsePath("/constructor")).toEqual({ name: "unknown" });
    expect(parsePath("/c/%E0%A4%A")).toMatchObject({ name: "conversation", conversation_id: "%E0%A4%A" });
  });

  it("makes initials of names in any script", () => {
    expect(["Ada Lovelace", "grace", "王小梅", "Омар Хайям", "…", "X Æ A-12"].map(initialsOf)).toEqual([
      "AL",
      "G",
      "梅",
      "ОХ",
      "",
      "X1",
    ]);
  });

  it("leaves keys to an input method, whichever way the browser tells of it", () => {
    expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
  });

  it("names devices as people do", () => {
    expect(deviceName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0 Safari/537.36")).toBe(
      "Chrome, Linux",
    );
    expect(deviceName("curl")).toBe("Browser");
  });

  it("counts days by the clock on the wall", () => {
    const late = new Date(2026, 2, 28, 23, 59).getTime();
    expect(daysBetween(late, new Date(2026, 2, 29, 0, 1).getTime())).toBe(1);
    expect(daysBetween(late, late)).toBe(0);
  });

  it("says everything in both languages, with the same parameters", () => {
    const shape = (words: object): unknown =>
      Object.fromEntries(
        Object.entries(words).map(([key, value]) => [
          key,
          typeof value === "object" ? shape(value) : typeof value,
        ]),
      );
    expect(shape(zh)).toEqual(shape(en));
    const empty = Object.entries(zh).filter(([, value]) => value === "");
    expect(empty).toEqual([]);
  });
});
