import { describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { decodeInviteCode } from "../../src/domain/invites.ts";
import { as, newUsers, refusalOf, rowsOf } from "../support/workerd/groups.ts";
import { group, inboxRow, newUser, STEPS } from "../support/workerd/world.ts";

const SECRET = "a".repeat(32);
const FOR_EVER = { expires_in: null, max_uses: null };

async function threeInAGroup() {
  const [owner, bob, cem] = await newUsers(3);
  if (!owner || !bob || !cem) throw new Error("there are three");
  const conversation_id = await group(owner, bob, cem);
  return { conversation_id, owner, bob, cem, by: (who: Identity) => as(who, conversation_id) };
}

describe.each(STEPS)("invitations, %s", (_, step) => {
  it("let whoever has one in, as a member, and say so", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const [invite] = await by(owner).invites({ kind: "create", request: FOR_EVER, secret: SECRET });
    expect(decodeInviteCode(invite?.code ?? "")).toEqual({ conversation_id, secret: SECRET });
    const fay = await newUser();
    await step();
    expect(await by(fay).accept(SECRET)).toMatchObject({
      role: "member",
      member_count: 4,
      readable_after_seq: 0,
    });
    expect((await by(bob).history()).items.at(-1)).toMatchObject({
      sender_id: fay.user_id,
      event: { change: "member_added", user_ids: [fay.user_id], by_invite: true },
    });
    await expect.poll(() => inboxRow(fay, conversation_id)).toMatchObject({ head_seq: 1, unread_count: 0 });
  });

  it("are used up by those who come in, and by nobody else", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    await by(owner).invites({ kind: "create", request: { expires_in: null, max_uses: 2 }, secret: SECRET });
    const [fay, gil, hal] = await newUsers(3);
    if (!fay || !gil || !hal) throw new Error("there are three");
    await by(bob).accept(SECRET);
    await by(fay).accept(SECRET);
    await step();
    await by(fay).accept(SECRET);
    expect(await by(owner).invites({ kind: "list" })).toMatchObject([{ uses: 1, max_uses: 2 }]);
    await by(gil).accept(SECRET);
    await step();
    expect(await refusalOf(by(hal).accept(SECRET))).toBe("invite_expired");
    expect(await refusalOf(by(gil).accept(SECRET))).toBe("accepted");
    expect(await by(owner).invites({ kind: "list" })).toEqual([]);
    const [{ uses } = {}] = await rowsOf(conversation_id, "SELECT uses FROM invites");
    expect(uses).toBe(2);
  });

  it("with one use let one in, of several who come at once", async () => {
    const { owner, by } = await threeInAGroup();
    await by(owner).invites({ kind: "create", request: { expires_in: null, max_uses: 1 }, secret: SECRET });
    const comers = await newUsers(5);
    await step();
    const answers = await Promise.all(comers.map((who) => refusalOf(by(who).accept(SECRET))));
    expect(answers.filter((answer) => answer === "accepted")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "invite_expired")).toHaveLength(4);
    expect(await by(owner).describe()).toMatchObject({ member_count: 4 });
  });

  it("end when they are revoked, when their time is over, and are another group's never", async () => {
    const { owner, by } = await threeInAGroup();
    const other = await threeInAGroup();
    const fay = await newUser();
    await by(owner).invites({ kind: "create", request: { expires_in: 60, max_uses: null }, secret: SECRET });
    expect(await refusalOf(other.by(fay).accept(SECRET))).toBe("invite_expired");
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    expect(await refusalOf(by(fay).accept(SECRET))).toBe("invite_expired");
    expect(await by(owner).invites({ kind: "list" })).toEqual([]);
    later.mockRestore();
    await step();
    expect(await refusalOf(other.by(other.owner).invites({ kind: "revoke", secret: SECRET }))).toBe(
      "not_found",
    );
    await by(owner).invites({ kind: "revoke", secret: SECRET });
    await step();
    expect(await refusalOf(by(fay).accept(SECRET))).toBe("invite_expired");
    expect(await refusalOf(by(owner).invites({ kind: "revoke", secret: "nothing" }))).toBe("not_found");
  });

  it("[CONV-4] let back in who was removed, at a new beginning", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    await by(owner).invites({ kind: "create", request: FOR_EVER, secret: SECRET });
    await by(owner).remove(bob);
    await step();
    expect(await by(bob).accept(SECRET)).toMatchObject({ role: "member", readable_after_seq: 1 });
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 0 });
  });

  it("[CONV-3] are for those to manage who manage the group", async () => {
    const { owner, bob, cem, by } = await threeInAGroup();
    await by(owner).setRole(bob, "admin");
    await step();
    await by(bob).invites({ kind: "create", request: FOR_EVER, secret: SECRET });
    for (const command of [
      { kind: "create", request: FOR_EVER, secret: "b" },
      { kind: "list" },
      { kind: "revoke", secret: SECRET },
    ] as const)
      expect(await refusalOf(by(cem).invites(command))).toBe("forbidden");
    await by(owner).setRole(bob, "member");
    expect(await refusalOf(by(bob).invites({ kind: "list" }))).toBe("forbidden");
    expect(await by(owner).invites({ kind: "list" })).toMatchObject([{ created_by: bob.user_id }]);
  });
});

describe("how many invitations there are", () => {
  it("a hundred that are open, and no more rows than that, however many were made", async () => {
    const { conversation_id, owner, by } = await threeInAGroup();
    const create = (index: number) =>
      by(owner).invites({ kind: "create", request: FOR_EVER, secret: `${index}` });
    for (let index = 0; index < 100; index++) await create(index);
    expect(await refusalOf(create(100))).toBe("conflict");
    for (let index = 0; index < 50; index++) await by(owner).invites({ kind: "revoke", secret: `${index}` });
    for (let index = 100; index < 150; index++) await create(index);
    const [row] = await rowsOf(conversation_id, "SELECT count(*) AS count FROM invites");
    expect(row).toEqual({ count: 100 });
    expect(await by(owner).invites({ kind: "list" })).toHaveLength(100);
  });
});
