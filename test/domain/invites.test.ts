import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeInviteCode,
  encodeInviteCode,
  isOpen,
  refuseInvite,
  termsOf,
} from "../../src/domain/invites.ts";
import { NOW } from "./samples.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });

describe("the code of an invitation", () => {
  it("holds what its conversation has to know, and nothing else is one", () => {
    fc.assert(
      fc.property(fc.uuid(), hex(32), (conversation_id, secret) => {
        const code = encodeInviteCode(conversation_id, secret);
        expect(decodeInviteCode(code)).toEqual({ conversation_id, secret });
        expect(code).toMatch(/^[0-9a-f]{64}$/);
        for (const other of [code.slice(1), `${code}0`, `${code}\n`, ` ${code}`, code.replace(/.$/, "g")])
          expect(decodeInviteCode(other)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const named = decodeInviteCode(text);
        if (named) expect(encodeInviteCode(named.conversation_id, named.secret)).toBe(text);
      }),
    );
  });
});

describe("an invitation", () => {
  it("is open until its time is over, it is used up, or revoked", () => {
    const terms = termsOf({ expires_in: 60, max_uses: 2 }, NOW);
    expect(isOpen(terms, NOW + 59_999)).toBe(true);
    expect(isOpen(terms, NOW + 60_000)).toBe(false);
    expect(isOpen({ ...terms, uses: 1 }, NOW)).toBe(true);
    expect(isOpen({ ...terms, uses: 2 }, NOW)).toBe(false);
    expect(isOpen({ ...terms, revoked: true }, NOW)).toBe(false);
    const for_ever = termsOf({ expires_in: null, max_uses: null }, NOW);
    expect(isOpen({ ...for_ever, uses: 1_000_000 }, Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it("[SEC-2] is refused in one way, whatever is wrong with it, or if there is none", () => {
    const terms = termsOf({ expires_in: 60, max_uses: 1 }, NOW);
    const answers = [null, { ...terms, revoked: true }, { ...terms, uses: 1 }].map((one) =>
      refuseInvite(one, NOW),
    );
    for (const answer of [...answers, refuseInvite(terms, NOW + 60_000)]) expect(answer).toEqual(answers[0]);
    expect(refuseInvite(terms, NOW)).toBeNull();
  });
});
