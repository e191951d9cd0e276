import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clientMessageIdSchema,
  conversationIdSchema,
  deviceIdSchema,
  messageIdSchema,
  positionSchema,
  seqSchema,
  sessionIdSchema,
  timestampSchema,
  userIdSchema,
  uuidSchema,
} from "../../src/protocol/ids.ts";

const UUIDS = [uuidSchema, userIdSchema, messageIdSchema, conversationIdSchema, sessionIdSchema];

describe("UUIDs", () => {
  it("are lower-case, of any version", () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        for (const schema of UUIDS) {
          expect(schema.safeParse(uuid).success).toBe(true);
          if (uuid !== uuid.toUpperCase()) expect(schema.safeParse(uuid.toUpperCase()).success).toBe(false);
        }
      }),
    );
  });

  it("are refused with anything around, missing or between", () => {
    const uuid = "01890000-0000-7000-8000-00000000000a";
    for (const bad of [
      `${uuid}\n`,
      ` ${uuid}`,
      `{${uuid}}`,
      uuid.slice(1),
      uuid.replaceAll("-", ""),
      uuid.replace("a", "g"),
      "00000000-0000-0000-0000-000000000000",
      "01890000-0000-7000-c000-00000000000a",
      "",
      null,
      7,
    ]) {
      for (const schema of UUIDS) expect(schema.safeParse(bad).success, String(bad)).toBe(false);
    }
  });
});

describe("ids that clients choose", () => {
  it("device ids have 1 to 64 letters, digits, - or _, and do not begin with a sign", () => {
    for (const good of ["a", "7", "A-b_c", "x".repeat(64), "constructor"]) {
      expect(deviceIdSchema.safeParse(good).success, good).toBe(true);
    }
    for (const bad of ["", "x".repeat(65), "-a", "_a", "__proto__", "a b", "a.b", "é", "a\n"]) {
      expect(deviceIdSchema.safeParse(bad).success, bad).toBe(false);
    }
  });

  it("client_message_ids have 1 to 64 printable ASCII characters without spaces", () => {
    const unit = fc
      .oneof({ weight: 60, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) }, fc.nat(0xff))
      .map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 70 }), (text) => {
        const isGood = text.length <= 64 && [...text].every((char) => char > " " && char <= "~");
        expect(clientMessageIdSchema.safeParse(text).success).toBe(isGood);
      }),
    );
    expect(clientMessageIdSchema.safeParse("!".repeat(64)).success).toBe(true);
    for (const bad of ["", "!".repeat(65), "a b", "a\n", "\u007f"]) {
      expect(clientMessageIdSchema.safeParse(bad).success).toBe(false);
    }
  });
});

describe("numbers", () => {
  it("[SEQ-1] a seq begins with 1, a position with 0, both are safe integers", () => {
    expect(seqSchema.safeParse(0).success).toBe(false);
    for (const schema of [seqSchema, positionSchema]) {
      for (const good of [1, Number.MAX_SAFE_INTEGER]) expect(schema.safeParse(good).success).toBe(true);
      for (const bad of [-1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, "1", null, true]) {
        expect(schema.safeParse(bad).success, String(bad)).toBe(false);
      }
    }
    expect(positionSchema.safeParse(0).success).toBe(true);
  });

  it("times are integer milliseconds", () => {
    expect(timestampSchema.safeParse(1_700_000_000_000).success).toBe(true);
    for (const bad of [-1, 1.5, "2026-01-01"]) expect(timestampSchema.safeParse(bad).success).toBe(false);
  });
});
