import { describe, expect, it } from "vitest";
import page from "../../docs/protocol.md?raw";
import type { Identity } from "../../src/domain/identity.ts";
import { COLUMNS, type Column, permissionTable } from "../support/permission-table.ts";
import { type Act, as, newUsers, refusalOf } from "../support/workerd/groups.ts";
import { group, newUser, oneOnOne, send } from "../support/workerd/world.ts";

/** Where something is tried: by `me`, with others of every kind, a message of mine and one of another. */
interface Scene {
  readonly me: Act;
  readonly conversation_id: string;
  readonly self: Identity;
  /** Another owner, admin and member; of two, the other one. */
  readonly others: readonly Identity[];
  readonly stranger: Identity;
  readonly own_id: string;
  readonly other_id: string;
}

async function groupScene(role: Exclude<Column, "one_of_two">): Promise<Scene> {
  const [founder, self, admin, member] = await newUsers(4);
  if (!founder || !self || !admin || !member) throw new Error("there are four");
  const conversation_id = await group(founder, self, admin, member);
  await as(founder, conversation_id).setRole(admin, "admin");
  if (role !== "member") await as(founder, conversation_id).setRole(self, role);
  return scene(conversation_id, self, [founder, admin, member]);
}

async function sceneOfTwo(): Promise<Scene> {
  const [self, other] = await newUsers(2);
  if (!self || !other) throw new Error("there are two");
  return scene(await oneOnOne(self, other), self, [other]);
}

async function scene(conversation_id: string, self: Identity, others: readonly Identity[]): Promise<Scene> {
  const [other] = others;
  if (!other) throw new Error("nobody is alone here");
  const { message_id: own_id } = await send(self, conversation_id, "mine");
  const { message_id: other_id } = await send(other, conversation_id, "another's");
  const me = as(self, conversation_id);
  return { me, conversation_id, self, others, stranger: await newUser(), own_id, other_id };
}

/** What is tried for each row of the table, one after the other. */
const DEEDS: Readonly<Record<string, readonly ((scene: Scene) => Promise<unknown>)[]>> = {
  "read, send, react": [
    ({ me }) => me.history(),
    ({ me }) => me.members(),
    ({ me }) => me.pins(),
    ({ self, conversation_id }) => send(self, conversation_id, "hello"),
    ({ me, other_id }) => me.react(other_id, "👍"),
    ({ me, own_id }) => me.unreact(own_id, "👍"),
  ],
  "edit one's own message": [({ me, own_id }) => me.edit(own_id, "x")],
  "edit a message of another": [({ me, other_id }) => me.edit(other_id, "x")],
  "delete one's own message": [({ me, own_id }) => me.delete(own_id)],
  "delete a message of another": [({ me, other_id }) => me.delete(other_id)],
  "pin a message, take a pin off": [
    ({ me, own_id }) => me.pin(own_id),
    ({ me, other_id }) => me.pin(other_id),
    ({ me, own_id }) => me.unpin(own_id),
  ],
  "change name and settings": [
    ({ me }) => me.update({ name: "x" }),
    ({ me }) => me.update({ description: "x" }),
    ({ me }) => me.update({ avatar_url: null }),
    ({ me }) => me.update({ history_visible: true }),
    ({ me }) => me.update({}),
  ],
  "add members": [({ me, stranger }) => me.add(stranger), ({ me, self }) => me.add(self)],
  "remove a member": [({ me, others }) => me.remove(last(others))],
  "remove an admin or an owner": [
    ({ me, others }) => me.remove(others[0] ?? last(others)),
    ({ me, others }) => me.remove(others[1] ?? last(others)),
  ],
  "make, see and revoke invitations": [
    ({ me }) => me.invites({ kind: "create", request: { expires_in: null, max_uses: null }, secret: "s" }),
    ({ me }) => me.invites({ kind: "list" }),
  ],
  "change a role": [
    ({ me, others }) => me.setRole(last(others), "admin"),
    ({ me, others }) => me.setRole(last(others), "owner"),
    ({ me, others }) => me.setRole(others[1] ?? last(others), "member"),
    ({ me, others }) => me.setRole(others[0] ?? last(others), "member"),
    ({ me, self }) => me.setRole(self, "owner"),
    ({ me, self }) => me.setRole(self, "member"),
  ],
  leave: [({ me }) => me.leave()],
  "delete the group": [({ me }) => me.end()],
};

function last(others: readonly Identity[]): Identity {
  const other = others.at(-1);
  if (!other) throw new Error("nobody is alone here");
  return other;
}

const TABLE = permissionTable(page);

describe("the table of who may do what", () => {
  it("[CONV-3] is tried in full", () => {
    expect(TABLE.map(({ action }) => action).sort()).toEqual(Object.keys(DEEDS).sort());
  });

  it.each(TABLE)("[CONV-3] holds: $action", async ({ action, allowed }) => {
    const deeds = DEEDS[action] ?? [];
    const answers = await Promise.all(COLUMNS.map((column) => tryAll(column, deeds)));
    for (const [index, column] of COLUMNS.entries()) {
      const expected = deeds.map(() => (allowed[column] ? "accepted" : "forbidden"));
      expect({ column, answers: answers[index] }).toEqual({ column, answers: expected });
    }
  });
});

/** How attempts are answered; what is refused leaves no trace (SEND-4). */
async function tryAll(
  column: Column,
  deeds: readonly ((scene: Scene) => Promise<unknown>)[],
): Promise<string[]> {
  const where = await (column === "one_of_two" ? sceneOfTwo() : groupScene(column));
  const answers: string[] = [];
  for (const deed of deeds) {
    const before = await where.me.describe();
    const answer = await refusalOf(deed(where));
    if (answer !== "accepted") expect(await where.me.describe()).toEqual(before);
    answers.push(answer);
  }
  return answers;
}
