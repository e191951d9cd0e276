import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/domain/entry.ts";
import { type HandedEntry, handEntry } from "../../src/domain/hand-over.ts";
import {
  deleteMessage,
  editMessage,
  type MessageChanged,
  pinMessage,
} from "../../src/domain/message-changes.ts";
import { contributionsOf, sumAfter } from "../../src/domain/unread.ts";
import { entryOf, ME, NOW, OTHER } from "./samples.ts";

const mentions = fc.subarray([ME, OTHER]);
const change = fc.oneof(
  fc.record({ kind: fc.constant("edited" as const), content: fc.constantFrom("a", "b"), mentions }),
  fc.record({ kind: fc.constant("pinned" as const), isPinned: fc.boolean() }),
  fc.record({ kind: fc.constant("deleted" as const) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(target: Entry, wanted: Change): MessageChanged | null {
  if (target.deleted_at !== null) return null;
  if (wanted.kind === "deleted") return deleteMessage(target, NOW);
  if (wanted.kind === "pinned") return pinMessage(target, wanted.isPinned, NOW);
  return editMessage(target, { content: wanted.content }, wanted.mentions, NOW);
}

/** A message, and all that is done to it: as it is now, and the entries that tell of it. */
function withAll(sent: Entry, changes: readonly Change[]): { message: Entry; entries: Entry[] } {
  let message = sent;
  const entries: Entry[] = [];
  for (const wanted of changes) {
    const changed = apply(message, wanted);
    if (!changed) continue;
    message = { ...message, ...changed.state };
    entries.push(entryOf(entries.length + 2, { kind: wanted.kind, target_seq: 1, extra: changed.extra }));
  }
  return { message, entries };
}

function counted(handed: readonly HandedEntry[]) {
  return sumAfter(contributionsOf(handed, ME), 0, 0, []);
}

describe("changes of a message", () => {
  it("[UNR-1] say, entry by entry and whenever they are read, what the message has come to", () => {
    fc.assert(
      fc.property(mentions, fc.array(change, { maxLength: 8 }), (first, changes) => {
        const sent = entryOf(1, { extra: first.length > 0 ? { mentions: first } : null });
        const { message, entries } = withAll(sent, changes);
        // Read from the log at the end: the message as it is now, and its changes.
        const first_handed = handEntry(message, null, null, "");
        const handed = [first_handed, ...entries.map((entry) => handEntry(entry, message, null, ""))];
        const isThere = message.deleted_at === null;
        const isNamed = isThere && message.extra?.mentions?.includes(ME);
        expect(counted(handed)).toEqual({ unread: isThere ? 1 : 0, mentions: isNamed ? 1 : 0 });
        // As it was when only the message had come.
        expect(counted([first_handed])).toEqual({ unread: 1, mentions: first.includes(ME) ? 1 : 0 });
      }),
      { numRuns: 1_000 },
    );
  });

  it("leave nothing of a message that is deleted but its place", () => {
    const sent = entryOf(1, {
      content: "secret",
      metadata: { secret: 1 },
      pinned_at: 1,
      extra: { mentions: [ME], forwarded_from: { user_id: OTHER, created_at: 1 } },
    });
    const { state } = deleteMessage(sent, NOW);
    expect(state).toMatchObject({ content: "", metadata: null, pinned_at: null, deleted_at: NOW });
    expect(state.extra).toEqual({ first_mentions: [ME] });
  });
});
