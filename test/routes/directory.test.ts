import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { publishConversation } from "../../src/db/directory.ts";
import type { DirectoryChange } from "../../src/domain/directory.ts";

const db = openDatabase(env.DB);

function changeOf(
  conversation_id: string,
  version: number,
  user_ids: string[],
  name = "Team",
): DirectoryChange {
  const members = user_ids.map((user_id) => ({ user_id, role: "member", joined_at: 5 }) as const);
  return { conversation_id, type: "group", name, created_by: "ada", created_at: 5, version, members };
}

async function stored(conversation_id: string) {
  const [conversation, members] = await Promise.all(
    ["conversations", "conversation_members"].map((table) =>
      env.DB.prepare(`SELECT * FROM ${table} WHERE conversation_id = ?`).bind(conversation_id).all(),
    ),
  );
  return {
    conversation: conversation?.results[0],
    user_ids: members?.results.map((row) => row.user_id).sort(),
  };
}

describe("the directory", () => {
  it("holds what a conversation published, and the same after it is published again", async () => {
    const change = changeOf(newId(), 1, ["ada", "bob", "cem"]);
    await publishConversation(db, change);
    const first = await stored(change.conversation_id);
    expect(first.conversation).toMatchObject({ type: "group", name: "Team", created_by: "ada", version: 1 });
    expect(first.user_ids).toEqual(["ada", "bob", "cem"]);
    await publishConversation(db, change);
    expect(await stored(change.conversation_id)).toEqual(first);
  });

  it("follows who joins, leaves and changes role", async () => {
    const id = newId();
    await publishConversation(db, changeOf(id, 1, ["ada", "bob", "cem"]));
    const next = changeOf(id, 2, ["ada", "dan"], "Crew");
    const [first, ...rest] = next.members;
    if (!first) throw new Error("there are members");
    await publishConversation(db, { ...next, members: [{ ...first, role: "owner" }, ...rest] });
    const { conversation, user_ids } = await stored(id);
    expect({ name: conversation?.name, user_ids }).toEqual({ name: "Crew", user_ids: ["ada", "dan"] });
    const { results } = await env.DB.prepare(
      "SELECT role FROM conversation_members WHERE conversation_id = ? AND user_id = 'ada'",
    )
      .bind(id)
      .all();
    expect(results).toEqual([{ role: "owner" }]);
  });

  it("is not taken back by an older version that arrives late, in whatever order", async () => {
    const id = newId();
    const changes = [
      changeOf(id, 1, ["ada", "bob"]),
      changeOf(id, 2, ["ada"]),
      changeOf(id, 3, ["ada", "cem"], "Last"),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      await env.DB.batch([
        env.DB.prepare("DELETE FROM conversations WHERE conversation_id = ?").bind(id),
        env.DB.prepare("DELETE FROM conversation_members WHERE conversation_id = ?").bind(id),
      ]);
      for (const index of order) await publishConversation(db, changes[index] ?? changeOf(id, 0, []));
      const { conversation, user_ids } = await stored(id);
      expect({ version: conversation?.version, name: conversation?.name, user_ids }).toEqual({
        version: 3,
        name: "Last",
        user_ids: ["ada", "cem"],
      });
    }
  });

  it("takes a thousand members at once, and writes only rows that changed", async () => {
    const crowd = Array.from({ length: 1000 }, () => newId());
    const change = changeOf(newId(), 1, crowd);
    await publishConversation(db, change);
    expect((await stored(change.conversation_id)).user_ids).toHaveLength(1000);
    await publishConversation(db, { ...change, version: 2, members: change.members.slice(1) });
    const { results } = await env.DB.prepare(
      "SELECT DISTINCT version FROM conversation_members WHERE conversation_id = ?",
    )
      .bind(change.conversation_id)
      .all();
    expect(results).toEqual([{ version: 1 }]);
    expect((await stored(change.conversation_id)).user_ids).toHaveLength(999);
  });
});
