import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refuseBlocked } from "../../src/domain/blocking.ts";
import { isContactRequest, refuseFirstContact } from "../../src/domain/first-contact.ts";
import { inOrder, mirrored, statusFor } from "../../src/domain/friendship.ts";
import { DEFAULT_PRIVACY, privacyOf } from "../../src/domain/privacy.ts";

const pair = fc.record({
  state: fc.constantFrom("none" as const, "pending" as const, "friends" as const),
  requested_by: fc.constantFrom("ada", "bob"),
  since: fc.nat(),
  version: fc.nat(),
});

describe("a pair of users", () => {
  it("has one name, whoever asks", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        expect(inOrder(a, b)).toEqual(inOrder(b, a));
        expect(inOrder(a, b).toSorted()).toEqual([...inOrder(a, b)]);
      }),
    );
  });

  it("is seen by one as the mirror of what the other sees", () => {
    fc.assert(
      fc.property(pair, (one) => {
        expect(statusFor("bob", one)).toBe(mirrored(statusFor("ada", one)));
      }),
    );
    const request = { state: "pending", requested_by: "ada", since: 0, version: 1 } as const;
    expect([statusFor("ada", request), statusFor("bob", request)]).toEqual(["outgoing", "incoming"]);
  });
});

describe("who may begin to write", () => {
  const contact = { is_friend: false, is_blocked: false, who_may_write: "everyone" } as const;

  it("is everyone, unless one has blocked the other", () => {
    expect(refuseFirstContact(contact)).toBeNull();
    expect(refuseFirstContact({ ...contact, is_blocked: true })?.code).toBe("blocked");
    expect(refuseFirstContact({ ...contact, is_friend: true, is_blocked: true })?.code).toBe("blocked");
  });

  it("is only friends where that is wished", () => {
    const wished = { ...contact, who_may_write: "friends" } as const;
    expect(refuseFirstContact(wished)?.code).toBe("forbidden");
    expect(refuseFirstContact({ ...wished, is_friend: true })).toBeNull();
  });

  it("is a stranger with a request where that is wished", () => {
    const wished = { ...contact, who_may_write: "requests" } as const;
    expect(refuseFirstContact(wished)).toBeNull();
    expect(isContactRequest(wished)).toBe(true);
    expect(isContactRequest({ ...wished, is_friend: true })).toBe(false);
    expect(isContactRequest(contact)).toBe(false);
  });
});

describe("a block", () => {
  it("keeps both from writing, whichever set it", () => {
    expect(refuseBlocked(new Set())).toBeNull();
    expect(refuseBlocked(new Set(["ada"]))?.code).toBe("blocked");
  });
});

describe("privacy settings", () => {
  it("are as by default where the user has not chosen, or what was stored cannot be read", () => {
    expect(privacyOf({})).toEqual(DEFAULT_PRIVACY);
    expect(privacyOf({ last_seen: "nobody" })).toEqual({ ...DEFAULT_PRIVACY, last_seen: "nobody" });
    const spoiled: object = { last_seen: "everybody" };
    expect(privacyOf(spoiled)).toEqual(DEFAULT_PRIVACY);
  });
});
