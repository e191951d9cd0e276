import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { as, newUsers, refusalOf } from "../support/workerd/groups.ts";
import { group, newUser, STEPS } from "../support/workerd/world.ts";

/** A group with an owner, two admins and two members. */
async function staffedGroup() {
  const [owner, ann, ben, may, max] = await newUsers(5);
  if (!owner || !ann || !ben || !may || !max) throw new Error("there are five");
  const conversation_id = await group(owner, ann, ben, may, max);
  const by = (who: Identity) => as(who, conversation_id);
  await by(owner).setRole(ann, "admin");
  await by(owner).setRole(ben, "admin");
  const roles = async () =>
    Object.fromEntries((await by(owner).members()).map(({ user_id, role }) => [user_id, role]));
  return { conversation_id, owner, ann, ben, may, max, by, roles };
}

describe.each(STEPS)("roles in a group, %s", (_, step) => {
  it("[CONV-3] the last owner neither leaves nor becomes less before handing over", async () => {
    const { owner, ann, by, roles } = await staffedGroup();
    expect(await refusalOf(by(owner).leave())).toBe("last_owner");
    expect(await refusalOf(by(owner).setRole(owner, "admin"))).toBe("last_owner");
    expect(await refusalOf(by(owner).setRole(owner, "member"))).toBe("last_owner");
    await step();
    expect(await by(owner).setRole(ann, "owner")).toMatchObject({ role: "owner" });
    await step();
    expect(await by(owner).setRole(owner, "member")).toMatchObject({ role: "member" });
    expect(await roles()).toMatchObject({ [owner.user_id]: "member", [ann.user_id]: "owner" });
    expect(await refusalOf(by(ann).leave())).toBe("last_owner");
    await by(owner).leave();
    expect(await refusalOf(by(owner).describe())).toBe("conversation_not_found");
  });

  it("[CONV-3] of two owners each can remove the other, and the other then has nothing to say", async () => {
    const { owner, ann, by } = await staffedGroup();
    await by(owner).setRole(ann, "owner");
    await step();
    await by(ann).remove(owner);
    await step();
    expect(await refusalOf(by(owner).setRole(ann, "member"))).toBe("conversation_not_found");
    expect(await refusalOf(by(ann).leave())).toBe("last_owner");
  });

  it("[CONV-3] nobody gives itself a role, or takes one, but an owner", async () => {
    const { owner, ann, ben, may, by, roles } = await staffedGroup();
    const before = await roles();
    await step();
    for (const who of [ann, may]) {
      for (const role of ["owner", "admin", "member"] as const) {
        for (const target of [owner, ann, ben, may])
          expect(await refusalOf(by(who).setRole(target, role))).toBe("forbidden");
      }
    }
    expect(await roles()).toEqual(before);
  });

  it("[CONV-3] an admin removes members, neither admins nor owners; a member removes nobody but itself", async () => {
    const { owner, ann, ben, may, max, by, roles } = await staffedGroup();
    expect(await refusalOf(by(ann).remove(ben))).toBe("forbidden");
    expect(await refusalOf(by(ann).remove(owner))).toBe("forbidden");
    for (const target of [owner, ann, max]) expect(await refusalOf(by(may).remove(target))).toBe("forbidden");
    await step();
    await by(ann).remove(max);
    await by(ben).leave();
    await by(may).leave();
    await step();
    expect(await roles()).toEqual({ [owner.user_id]: "owner", [ann.user_id]: "admin" });
    await by(owner).remove(ann);
    expect(await roles()).toEqual({ [owner.user_id]: "owner" });
  });

  it("[CONV-3] who comes back is a member, whatever it was", async () => {
    const { owner, ann, may, by, roles } = await staffedGroup();
    await by(ann).leave();
    await step();
    expect(await refusalOf(by(may).add(ann))).toBe("forbidden");
    await by(owner).add(ann);
    await step();
    expect(await roles()).toMatchObject({ [ann.user_id]: "member" });
    expect(await refusalOf(by(ann).remove(may))).toBe("forbidden");
  });

  it("[CONV-3] what is said of somebody who is no member is answered so, to those who may say it", async () => {
    const { owner, ann, may, by } = await staffedGroup();
    const stranger = await newUser();
    expect(await refusalOf(by(owner).setRole(stranger, "admin"))).toBe("not_found");
    expect(await refusalOf(by(ann).remove(stranger))).toBe("not_found");
    expect(await refusalOf(by(may).remove(stranger))).toBe("forbidden");
    await step();
    const attempts = [
      by(stranger).setRole(stranger, "owner"),
      by(stranger).remove(may),
      by(stranger).leave(),
    ];
    const refusals = await Promise.all(attempts.map(refusalOf));
    expect(refusals).toEqual(attempts.map(() => "conversation_not_found"));
  });

  it("[CONV-3] a role that one has already writes nothing", async () => {
    const { owner, ann, by } = await staffedGroup();
    const { head_seq } = await by(owner).describe();
    await step();
    await by(owner).setRole(ann, "admin");
    await by(owner).setRole(owner, "owner");
    expect(await by(owner).describe()).toMatchObject({ head_seq });
  });
});
