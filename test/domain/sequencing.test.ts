import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageOf } from "../../src/domain/entry.ts";
import {
  EMPTY_LOG,
  headAfter,
  type LogHead,
  refuseDraft,
  sentAck,
  sequence,
} from "../../src/domain/sequencing.ts";
import { CONVERSATION, draftOf, entryOf, ME, OTHER, uuid7 } from "./samples.ts";

const limits = { max_message_chars: 5 };
const head: LogHead = { ...EMPTY_LOG, seq: 7 };

/** Clock readings: mostly steps, back and forth, but also standstills and leaps. */
const clock = fc
  .array(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(0), fc.integer({ min: -1e9, max: 1e9 })), {
    minLength: 1,
    maxLength: 100,
  })
  .map((steps) => {
    let now = 1_700_000_000_000;
    return steps.map((step) => {
      now = Math.max(0, now + step);
      return now;
    });
  });

function logOf(times: readonly number[], random: (index: number) => number) {
  let last = EMPTY_LOG;
  return times.map((now, index) => {
    const entry = sequence(
      { kind: "message", sender_id: ME, draft: draftOf({ client_message_id: `c${index}` }) },
      last,
      uuid7(now, random(index)),
      now,
    );
    last = headAfter(entry);
    return entry;
  });
}

describe("sequencing", () => {
  it("[SEQ-1] numbers the entries of a log 1, 2, 3, …", () => {
    fc.assert(
      fc.property(clock, (times) => {
        const seqs = logOf(times, () => 0).map(({ seq }) => seq);
        expect(seqs).toEqual(times.map((_, index) => index + 1));
      }),
    );
  });

  it("[SEQ-3] message ids ascend and time never runs back, whatever the clock does", () => {
    fc.assert(
      fc.property(clock, fc.infiniteStream(fc.nat()), (times, random) => {
        const log = logOf(times, () => random.next().value);
        for (const [index, entry] of log.entries()) {
          const previous = log[index - 1];
          if (!previous) continue;
          expect(entry.message_id > previous.message_id).toBe(true);
          expect(entry.created_at).toBeGreaterThanOrEqual(previous.created_at);
        }
        expect(log.map(({ created_at }) => created_at)).toEqual(
          times.map((_, index) => Math.max(...times.slice(0, index + 1))),
        );
      }),
    );
  });

  it("keeps what the sender wrote, and tells it where it stands", () => {
    const draft = draftOf({ content: "hi", reply_to_seq: 3, metadata: { a: [1, null] } });
    const entry = sequence({ kind: "message", sender_id: OTHER, draft }, head, uuid7(9, 9), 9);
    expect(messageOf(entry, CONVERSATION)).toEqual({
      ...draft,
      message_id: uuid7(9, 9),
      conversation_id: CONVERSATION,
      seq: 8,
      sender_id: OTHER,
      created_at: 9,
      edited_at: null,
      deleted_at: null,
      reactions: [],
    });
    expect(sentAck(entry, CONVERSATION, "c1", true)).toEqual({
      status: "sent",
      conversation_id: CONVERSATION,
      client_message_id: "c1",
      message_id: uuid7(9, 9),
      seq: 8,
      created_at: 9,
      duplicate: true,
    });
  });

  it("shows no client_message_id where there is none", () => {
    expect(messageOf(entryOf(1, { client_message_id: null }), CONVERSATION)).not.toHaveProperty(
      "client_message_id",
    );
  });
});

describe("refusing a draft", () => {
  it("[SEND-4] counts the length in code points: exactly the limit is fine, one more is too long", () => {
    const points = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀"), minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(points, fc.constantFrom("a", "é", "漢", "😀"), (content, extra) => {
        expect(refuseDraft(draftOf({ content }), head, limits)).toBeNull();
        expect(refuseDraft(draftOf({ content: content + extra }), head, limits)?.code).toBe(
          "message_too_long",
        );
      }),
    );
  });

  it("[SEND-4] counts an astral character once, though it is two in UTF-16", () => {
    expect(refuseDraft(draftOf({ content: "😀".repeat(5) }), head, limits)).toBeNull();
    expect(refuseDraft(draftOf({ content: "😀".repeat(6) }), head, limits)?.code).toBe("message_too_long");
    expect(refuseDraft(draftOf({ content: `${"😀".repeat(4)}ab` }), head, limits)?.code).toBe(
      "message_too_long",
    );
  });

  it("[SEND-4] refuses a reply to an entry that is not there yet", () => {
    expect(refuseDraft(draftOf({ reply_to_seq: 7 }), head, limits)).toBeNull();
    expect(refuseDraft(draftOf({ reply_to_seq: 8 }), head, limits)?.code).toBe("invalid_request");
    expect(refuseDraft(draftOf({ reply_to_seq: 1 }), EMPTY_LOG, limits)?.code).toBe("invalid_request");
  });
});
