import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextMessageId } from "../../src/domain/message-id.ts";
import { messageIdSchema } from "../../src/protocol/ids.ts";
import { uuid7 } from "./samples.ts";

const id = fc.uuid({ version: 7 });

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
        const next = nextMessageId(second ?? null, first ?? "");
        expect(messageIdSchema.safeParse(next).success).toBe(true);
        expect(numberOf(next)).toBe(numberOf(second ?? "") + 1n);
        expect(next > (second ?? "")).toBe(true);
      }),
    );
  });

  it("[SEQ-3] carries over the dashes", () => {
    const previous = "01890000-0000-7000-80ff-ffffffffffff";
    expect(nextMessageId(previous, previous)).toBe("01890000-0000-7000-8100-000000000000");
    expect(nextMessageId(uuid7(1, 15), uuid7(0, 99))).toBe(uuid7(1, 16));
  });
});

function numberOf(uuid: string): bigint {
  return BigInt(`0x${uuid.replaceAll("-", "")}`);
}
