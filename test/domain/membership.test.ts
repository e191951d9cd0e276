import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialGroupMembers, oneOnOneMembers, refuseMemberCount } from "../../src/domain/membership.ts";
import { ME, OTHER } from "./samples.ts";

describe("founding a group", () => {
  it("[CONV-2] the creator is its only owner, and everyone is in it once", () => {
    const people = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom("a", "b", "x"), people, (creator, participants) => {
        const members = initialGroupMembers(creator, participants);
        const ids = members.map(({ user_id }) => user_id);
        expect(new Set(ids)).toEqual(new Set([creator, ...participants]));
        expect(ids).toHaveLength(new Set(ids).size);
        expect(members.filter(({ role }) => role === "owner")).toEqual([{ user_id: creator, role: "owner" }]);
        expect(members.filter(({ role }) => role === "member")).toHaveLength(ids.length - 1);
      }),
    );
  });

  it("[CONV-2] has 3 to max_group_members members", () => {
    expect(refuseMemberCount("group", 2, 50)).toMatchObject({
      code: "invalid_request",
      errors: [{ path: "participant_ids" }],
    });
    expect(refuseMemberCount("group", 3, 50)).toBeNull();
    expect(refuseMemberCount("group", 50, 50)).toBeNull();
    expect(refuseMemberCount("group", 51, 50)?.code).toBe("group_full");
  });

  it("[CONV-2] exactly the counts in between are allowed", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 3, max: 50 }), (count, max) => {
        expect(refuseMemberCount("group", count, max) === null).toBe(count >= 3 && count <= max);
      }),
    );
  });
});

describe("founding a one-on-one", () => {
  it("has two equals", () => {
    expect(oneOnOneMembers(ME, OTHER)).toEqual([
      { user_id: ME, role: "member" },
      { user_id: OTHER, role: "member" },
    ]);
  });

  it("is for exactly two, so not for oneself alone", () => {
    expect(refuseMemberCount("one_on_one", 2, 50)).toBeNull();
    for (const count of [0, 1, 3]) {
      expect(refuseMemberCount("one_on_one", count, 50)).toMatchObject({
        code: "invalid_request",
        errors: [{ path: "participant_id" }],
      });
    }
  });
});
