import { describe, expect, it } from "vitest";
import type { HandedEntry } from "../../src/domain/hand-over.ts";
import { applyRead, type Inbox, openInbox, receiveEntries, withFace } from "../../src/domain/inbox.ts";
import { changeSettings } from "../../src/domain/inbox-settings.ts";
import { faceOf, handedOf, ME } from "./samples.ts";

const inbox = openInbox(faceOf(0));
const archived: Inbox = { ...inbox, archived: true };

function mentioning(seq: number): HandedEntry {
  return { ...handedOf(seq), mentions: [ME] };
}

function isArchivedAfter(before: Partial<Inbox>, entry: HandedEntry): boolean {
  return receiveEntries({ ...archived, ...before }, [entry], ME, []).archived;
}

describe("settings of a conversation", () => {
  it("change what is named, and leave the rest", () => {
    const pinned = changeSettings(inbox, { pinned: true });
    expect(pinned).toEqual({ ...inbox, pinned: true });
    const muted = changeSettings(pinned, { muted_until: 5, notifications: "none", marked_unread: true });
    expect(muted).toMatchObject({ pinned: true, muted_until: 5, notifications: "none", marked_unread: true });
    expect(changeSettings(muted, { muted_until: null })).toMatchObject({ muted_until: null, pinned: true });
  });

  it("are the same object when nothing changes: no row is written", () => {
    expect(changeSettings(inbox, {})).toBe(inbox);
    expect(changeSettings(inbox, { pinned: false, archived: false, muted_until: null })).toBe(inbox);
  });
});

describe("the archive", () => {
  it("is left when a message comes, also one's own", () => {
    expect(isArchivedAfter({}, handedOf(1))).toBe(false);
    expect(isArchivedAfter({}, handedOf(1, "phone"))).toBe(false);
  });

  it("is not left by what is no message, or by what came before", () => {
    expect(isArchivedAfter({}, { ...handedOf(1), kind: "event" })).toBe(true);
    expect(isArchivedAfter({}, { ...handedOf(1), kind: "reaction" })).toBe(true);
    const known = receiveEntries(inbox, [handedOf(1)], ME, []);
    expect(receiveEntries({ ...known, archived: true }, [], ME, []).archived).toBe(true);
  });

  it("is not left while the conversation is muted, and is again when that has passed", () => {
    const { created_at } = handedOf(1);
    expect(isArchivedAfter({ muted_until: created_at + 1 }, handedOf(1))).toBe(true);
    expect(isArchivedAfter({ muted_until: created_at }, handedOf(1))).toBe(false);
  });

  it("is left only by what its user wants to be told of", () => {
    expect(isArchivedAfter({ notifications: "none" }, mentioning(1))).toBe(true);
    expect(isArchivedAfter({ notifications: "mentions" }, handedOf(1))).toBe(true);
    expect(isArchivedAfter({ notifications: "mentions" }, mentioning(1))).toBe(false);
  });
});

describe("a conversation that was marked unread", () => {
  const read = (read_seq: number) => ({ read_seq, unread_count: 0, mention_count: 0, as_of_seq: 2 });
  const marked: Inbox = {
    ...applyRead(receiveEntries(inbox, [handedOf(1), handedOf(2)], ME, []), read(2), [], 1),
    marked_unread: true,
  };

  it("is not any more once it is looked at, though everything was read before", () => {
    expect(marked).toMatchObject({ read_seq: 2, unread_count: 0 });
    expect(applyRead(marked, read(2), [], 1)).toEqual({ ...marked, marked_unread: false });
  });

  it("still is when an older answer comes, or a message", () => {
    expect(applyRead(marked, read(1), [], 1)).toBe(marked);
    expect(receiveEntries(marked, [handedOf(3)], ME, []).marked_unread).toBe(true);
  });
});

describe("a request", () => {
  const face = { ...faceOf(0), is_request: true };

  it("is what the conversation says when it is introduced, until it is accepted", () => {
    const request = openInbox(face);
    expect(request.is_request).toBe(true);
    expect(withFace(request, face)).toBe(request);
    const accepted = withFace(request, faceOf(0));
    expect(accepted).toEqual({ ...request, is_request: false });
    // A call that was overtaken says what was so before.
    expect(withFace(accepted, face)).toBe(accepted);
  });
});
