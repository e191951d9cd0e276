import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { type Friend, friendSchema } from "../../src/protocol/friend.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const friendPage = pageSchema(friendSchema);

function twoUsers(): Promise<[SignedIn, SignedIn]> {
  return Promise.all([registerUser(), registerUser()]);
}

function api(method: string, path: string, who: SignedIn, body?: unknown): Promise<Response> {
  return call(method, `/api/friends${path}`, {
    token: who.access_token,
    ...(body !== undefined && { body }),
  });
}

const ask = (who: SignedIn, other: SignedIn) => api("POST", "", who, { user_id: other.user.user_id });
const accept = (who: SignedIn, other: SignedIn) => api("POST", `/${other.user.user_id}/accept`, who);
const end = (who: SignedIn, other: SignedIn) => api("DELETE", `/${other.user.user_id}`, who);

async function list(who: SignedIn, status?: Friend["status"]): Promise<string[]> {
  const answer = await api("GET", status ? `?status=${status}` : "", who);
  return (await read(answer, 200, friendPage)).items.map(({ user }) => user.user_id);
}

afterEach(() => vi.restoreAllMocks());

describe("a friend request", async () => {
  const [ada, bob] = await twoUsers();

  it("is made once, shown to both, and accepted by the one it was made to", async () => {
    const { email: _, roles: __, created_at: ___, privacy: ____, ...profile } = bob.user;
    const asked = await read(await ask(ada, bob), 201, friendSchema);
    expect(asked).toMatchObject({ user: profile, status: "outgoing" });
    expect(await read(await ask(ada, bob), 200, friendSchema)).toEqual(asked);
    expect(await list(ada, "outgoing")).toEqual([bob.user.user_id]);
    expect(await list(bob, "incoming")).toEqual([ada.user.user_id]);
    expect([await list(ada), await list(bob), await list(ada, "incoming")]).toEqual([[], [], []]);
    expect(await problemOf(await accept(ada, bob))).toBe("404 not_found");
    expect(await read(await accept(bob, ada), 200, friendSchema)).toMatchObject({ status: "friends" });
    expect(await read(await accept(bob, ada), 200, friendSchema)).toMatchObject({ status: "friends" });
    expect(await list(ada)).toEqual([bob.user.user_id]);
    expect(await list(bob, "friends")).toEqual([ada.user.user_id]);
    expect(await list(bob, "incoming")).toEqual([]);
    expect(await read(await ask(bob, ada), 200, friendSchema)).toMatchObject({ status: "friends" });
  });

  it("ends by whoever wants it: taken back, declined, or the friendship itself; again is fine", async () => {
    for (const [asker, ender] of [
      [ada, ada],
      [ada, bob],
      [bob, ada],
    ] as const) {
      const other = ender === ada ? bob : ada;
      expect((await end(ender, other)).status).toBe(204);
      expect((await end(ender, other)).status).toBe(204);
      expect([await list(ada), await list(ada, "outgoing"), await list(ada, "incoming")]).toEqual([
        [],
        [],
        [],
      ]);
      expect((await ask(asker, asker === ada ? bob : ada)).status).toBe(201);
    }
    expect((await end(ada, bob)).status).toBe(204);
    expect(await problemOf(await accept(ada, bob))).toBe("404 not_found");
  });

  it("is not made to oneself, nor to who does not exist", async () => {
    for (const attempt of [ask(ada, ada), accept(ada, ada), end(ada, ada)])
      expect(await problemOf(await attempt)).toBe("400 invalid_request");
    expect(await problemOf(await api("POST", "", ada, { user_id: UNKNOWN }))).toBe("404 not_found");
    expect(await problemOf(await api("POST", `/${UNKNOWN}/accept`, ada))).toBe("404 not_found");
    expect((await api("DELETE", `/${UNKNOWN}`, ada)).status).toBe(204);
    for (const body of [{}, { user_id: "1" }, { user_id: null }])
      expect(await problemOf(await api("POST", "", ada, body))).toBe("400 invalid_request");
  });

  it("[SEC-1] [LIM-1] counts as a write does", async () => {
    const requestFriendship = vi.spyOn(env.DB, "batch");
    vi.spyOn(UserObject.prototype, "admit").mockResolvedValueOnce({
      code: "rate_limited",
      message: "",
      retry_after_ms: 1_000,
    });
    expect(await problemOf(await ask(ada, bob))).toBe("429 rate_limited");
    expect(requestFriendship).not.toHaveBeenCalled();
  });
});

describe("at the same time", () => {
  it("two who ask each other become friends, and one of them has asked first", async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, bob] = await twoUsers();
      const answers = await Promise.all([ask(ada, bob), ask(bob, ada)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      expect([await list(ada), await list(bob)]).toEqual([[bob.user.user_id], [ada.user.user_id]]);
    }
  });

  it("many who ask the same make one request", async () => {
    const [ada, bob] = await twoUsers();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(ada, bob)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await list(bob, "incoming")).toEqual([ada.user.user_id]);
  });

  it("a request that is accepted and taken back is either, for both alike", async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, bob] = await twoUsers();
      await ask(ada, bob);
      const [accepted] = await Promise.all([accept(bob, ada), end(ada, bob)]);
      // Whichever came last: taken back after it was accepted, the friendship has ended.
      expect([200, 404]).toContain(accepted.status);
      expect([await list(ada), await list(bob), await list(bob, "incoming")]).toEqual([[], [], []]);
    }
  });
});

describe("the objects of both", () => {
  it("are told of each change, in versions that grow, and told again when the request is repeated", async () => {
    const [ada, bob] = await twoUsers();
    const told = vi.spyOn(UserObject.prototype, "friendChanged");
    const changes = () =>
      told.mock.calls.splice(0).map(([{ user_id, status, version }]) => ({
        of: user_id === ada.user.user_id ? "ada" : "bob",
        status,
        version,
      }));
    const both = (ofBob: string, ofAda: string, version: number) =>
      expect(changes()).toEqual(
        expect.arrayContaining([
          { of: "bob", status: ofBob, version },
          { of: "ada", status: ofAda, version },
        ]),
      );
    await ask(ada, bob);
    both("outgoing", "incoming", 1);
    await ask(bob, ada);
    both("friends", "friends", 2);
    await end(bob, ada);
    both("none", "none", 3);
    await end(bob, ada);
    both("none", "none", 3);
    await ask(bob, ada);
    both("incoming", "outgoing", 4);
  });

  it("that cannot be reached make the request one to repeat", async () => {
    const [ada, bob] = await twoUsers();
    const told = vi.spyOn(UserObject.prototype, "friendChanged").mockRejectedValue(new Error("not now"));
    expect(await problemOf(await ask(ada, bob))).toBe("503 unavailable");
    told.mockRestore();
    const calls = vi.spyOn(UserObject.prototype, "friendChanged");
    expect((await ask(ada, bob)).status).toBe(200);
    expect(calls).toHaveBeenCalledTimes(2);
  });
});

describe("the list", async () => {
  const ada = await registerUser();

  it("comes page by page, newest first, with nobody twice", async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => registerUser()));
    // Two of them at the same moment.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    for (const [index, other] of others.entries()) {
      if (index !== 3) vi.setSystemTime(Date.now() + 1);
      await ask(other, ada);
    }
    vi.useRealTimers();
    const found: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `?status=incoming&limit=2${cursor && `&cursor=${cursor}`}`;
      const page: { items: Friend[]; next_cursor: string | null } = await read(
        await api("GET", path, ada),
        200,
        friendPage,
      );
      found.push(...page.items.map(({ user }) => user.user_id));
      cursor = page.next_cursor;
    }
    const ids = others.map(({ user }) => user.user_id);
    expect(found.toSorted()).toEqual(ids.toSorted());
    expect([found[0], found.at(-1)]).toEqual([ids[4], ids[0]]);
  });

  it.each(["status=none", "status=x", "limit=0", "cursor=x", "cursor=MTIz", "cursor=%00"])(
    "refuses ?%s",
    async (query) => {
      expect(await problemOf(await api("GET", `?${query}`, ada))).toBe("400 invalid_request");
    },
  );
});
