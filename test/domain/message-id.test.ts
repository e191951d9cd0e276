import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextMessageId } from "../../src/domain/message-id.ts";
import { messageIdSchema } from "../../src/protocol/ids.ts";
import { uuid7 } from "./samples.ts";

const id = fc.uuid({ version: 7 });
/** After it there is none; no clock will say so. */
const LAST = "ffffffff-ffff-7fff-bfff-ffffffffffff";

describe("message ids", () => {
  it("[SEQ-3] takes the candidate when it sorts after the one before", () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        fc.pre(one !== other);
        const [first, second] = [one, other].sort();
        expect(nextMessageId(first ?? null, second ?? "")).toBe(second);
        expect(nextMessageId(null, one)).toBe(one);
      }),
    );
  });

  it("[SEQ-3] otherwise takes the successor: valid, just after the one before, and never the same", () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        const [first, second] = [one, other].sort();
        fc.pre(second !== LAST);
        const next = nextMessageId(second ?? null, first ?? "");
        expect(messageIdSchema.safeParse(next).success).toBe(true);
        expect(countOf(next)).toBe(countOf(second ?? "") + 1n);
        expect(next > (second ?? "")).toBe(true);
      }),
    );
  });

  it.each([
    ["the dashes", "01890000-0000-7000-80ff-ffffffffffff", "01890000-0000-7000-8100-000000000000"],
    ["the variant", "01890000-0000-7000-bfff-ffffffffffff", "01890000-0000-7001-8000-000000000000"],
    ["the version", "01890000-0000-7fff-bfff-ffffffffffff", "01890000-0001-7000-8000-000000000000"],
  ])("[SEQ-3] carries over %s", (_, previous, next) => {
    expect(nextMessageId(previous, previous)).toBe(next);
  });

  it("[SEQ-3] counts on within a millisecond", () => {
    expect(nextMessageId(uuid7(1, 15), uuid7(0, 99))).toBe(uuid7(1, 16));
  });
});

/** Which of all UUIDv7 it is: its bits without those of the version and the variant. */
function countOf(uuid: string): bigint {
  const bits = BigInt(`0x${uuid.replaceAll("-", "")}`);
  return ((bits >> 80n) << 74n) | (((bits >> 64n) & 0xfffn) << 62n) | (bits & (2n ** 62n - 1n));
}
