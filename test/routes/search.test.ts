import { afterEach, describe, expect, it, vi } from "vitest";
import type { z } from "zod";
import type { Identity } from "../../src/domain/identity.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { Quota } from "../../src/objects/user/quota.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { parseLimits } from "../../src/protocol/limits.ts";
import { searchPageSchema } from "../../src/protocol/search.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";
import { group, oneOnOne, send } from "../support/workerd/world.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

afterEach(() => vi.restoreAllMocks());

function identityOf({ user, session_id, device_id }: SignedIn): Identity {
  return { user_id: user.user_id, session_id, device_id };
}

const [adaIs, bobIs, cemIs] = [identityOf(ada), identityOf(bob), identityOf(cem)];
const conversation_id = await oneOnOne(adaIs, bobIs);
const HERE = `/api/conversations/${conversation_id}/messages/search`;
const EVERYWHERE = "/api/messages/search";

type Query = Record<string, string | number>;

function get(who: SignedIn, path: string, query: Query): Promise<Response> {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return call("GET", `${path}?${text}`, { token: who.access_token });
}

async function search(who: SignedIn, path: string, query: Query) {
  return read(await get(who, path, query), 200, searchPageSchema);
}

const contentsOf = ({ items }: z.infer<typeof searchPageSchema>) =>
  items.map(({ message }) => message.content);

/** Every page, `between` them something else happens. */
async function searchAllPages(who: SignedIn, path: string, query: Query, between = async () => undefined) {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: z.infer<typeof searchPageSchema> = await search(who, path, {
      ...query,
      ...(cursor !== null && { cursor }),
    });
    pages.push(contentsOf(page));
    cursor = page.next_cursor;
    await between();
  } while (cursor !== null);
  return pages;
}

await send(adaIs, conversation_id, "Grüße aus Łódź");
await send(bobIs, conversation_id, "今天天气很好 in Łódź");

describe.each([
  ["a conversation", HERE],
  ["all conversations", EVERYWHERE],
])("a search in %s", (_, path) => {
  it("[SRCH-1] finds messages, and says where they have what was sought", async () => {
    const page = await search(bob, path, { q: "lodz" });
    expect(page.next_cursor).toBeNull();
    expect(page.items).toMatchObject([
      {
        message: { content: "今天天气很好 in Łódź", conversation_id, seq: 2 },
        highlights: [{ start: 10, length: 4 }],
      },
      { message: { sender_id: ada.user.user_id, seq: 1 }, highlights: [{ start: 10, length: 4 }] },
    ]);
    expect(contentsOf(await search(bob, path, { q: "天气" }))).toEqual(["今天天气很好 in Łódź"]);
  });

  it.each([
    {},
    { q: "" },
    { q: "   " },
    { q: "a\u0000b" },
    { q: "x".repeat(201) },
    { q: "x".repeat(10_000) },
    { q: "x", limit: 0 },
    { q: "x", limit: 101 },
    { q: "x", from: "yesterday" },
    { q: "x", to: -1 },
    { q: "x", from: 1.5 },
    { q: "x", from: 2, to: 1 },
    { q: "x", cursor: "nonsense" },
    { q: "x", cursor: "" },
    { q: "x", cursor: "x".repeat(5_000) },
  ])("is refused if it does not fit its schema, at no cost: %j", async (query) => {
    const admit = vi.spyOn(UserObject.prototype, "admit");
    expect(await problemOf(await get(ada, path, query))).toBe("400 invalid_request");
    expect(admit).not.toHaveBeenCalled();
  });

  it.each([
    '"',
    '"lodz',
    "'; DROP TABLE entries; --",
    "lodz AND",
    "NOT lodz",
    "NEAR(lodz, 2)",
    "terms:lodz",
    "lodz*",
    "^lodz",
    "-lodz",
    "lo%dz_",
    "(lodz",
    "*",
    "😀",
    "?!",
    "ausgang",
    "\u{1D54F}".repeat(200),
  ])("[SRCH-3] takes everything for text: %s", async (q) => {
    const { items } = await search(ada, path, { q });
    if (/^["^(-]?lodz\*?$/.test(q)) expect(items).toHaveLength(2);
    else expect(items).toEqual([]);
  });

  it("[LIM-2] says when to retry if there are too many, and needs a session", async () => {
    const admit = vi.spyOn(UserObject.prototype, "admit");
    admit.mockResolvedValueOnce({ code: "rate_limited", message: "", retry_after_ms: 1_000 });
    const searching = vi.spyOn(ConversationObject.prototype, "search");
    const answer = await get(ada, path, { q: "x" });
    expect(answer.headers.get("Retry-After")).toBe("1");
    expect(await problemOf(answer)).toBe("429 rate_limited");
    expect(admit).toHaveBeenCalledWith(expect.anything(), "search");
    expect(await problemOf(await call("GET", `${path}?q=x`))).toBe("401 unauthenticated");
    expect(searching).not.toHaveBeenCalled();
  });
});

describe("a search in a conversation", () => {
  it("[SEC-2] of others cannot be told from one in a conversation that does not exist", async () => {
    const withoutId = async (response: Response) => {
      const { request_id: _, ...problem } = await read(response, 404, problemSchema);
      return problem;
    };
    const elsewhere = `/api/conversations/${UNKNOWN}/messages/search`;
    for (const q of ["lodz", "!", "x".repeat(200)]) {
      const there = await withoutId(await get(eve, HERE, { q }));
      expect(there).toMatchObject({ code: "conversation_not_found" });
      expect(await withoutId(await get(eve, elsewhere, { q }))).toEqual(there);
    }
    expect(contentsOf(await search(eve, EVERYWHERE, { q: "lodz" }))).toEqual([]);
  });

  it("[SRCH-2] pages do not change while messages arrive", async () => {
    const id = await oneOnOne(adaIs, cemIs);
    for (let n = 1; n <= 25; n++) await send(adaIs, id, `apple ${n}`);
    const pages = await searchAllPages(
      cem,
      `/api/conversations/${id}/messages/search`,
      { q: "apple", limit: 10 },
      async () => void (await send(adaIs, id, "apple, later")),
    );
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, index) => `apple ${25 - index}`));
  });

  it("is of one sender, or of a time, if that is asked for", async () => {
    const sender_id = bob.user.user_id;
    expect(contentsOf(await search(ada, HERE, { q: "lodz", sender_id }))).toEqual(["今天天气很好 in Łódź"]);
    const { items } = await search(ada, HERE, { q: "lodz", from: 0, to: Date.now() });
    expect(items).toHaveLength(2);
    expect((await search(ada, HERE, { q: "lodz", from: Date.now() + 60_000 })).items).toEqual([]);
    expect(await problemOf(await get(ada, HERE, { q: "x", sender_id: "1" }))).toBe("400 invalid_request");
  });
});

describe("a search in all conversations", async () => {
  const owner = await registerUser();
  const ownerIs = identityOf(owner);
  const ids: string[] = [];
  for (let n = 1; n <= 23; n++) {
    const id = await group(ownerIs, bobIs, cemIs);
    ids.push(id);
    await send(ownerIs, id, `pear ${n}`);
    if (n % 2) await send(ownerIs, id, `pear ${n} again`);
  }
  const oldest = Array.from({ length: 23 }, (_, index) => index + 1).flatMap((n) =>
    n % 2 ? [`pear ${n}`, `pear ${n} again`] : [`pear ${n}`],
  );

  it("[SRCH-2] goes through them page by page, the newest first, also while messages arrive", async () => {
    const pages = await searchAllPages(owner, EVERYWHERE, { q: "pear", limit: 4 }, async () => {
      // In a conversation that has had its turn, and in one in the middle of it.
      for (const n of [22, 10]) await send(ownerIs, ids[n] ?? "", "pear, later");
    });
    expect(pages.flat()).toEqual(oldest.toReversed());
    expect(pages.slice(0, -1).every(({ length }) => length > 0)).toBe(true);
  });

  it("asks each conversation once if it has nothing, twenty together", async () => {
    const searching = vi.spyOn(ConversationObject.prototype, "search");
    const listing = vi.spyOn(UserObject.prototype, "listConversations");
    const page = await search(owner, EVERYWHERE, { q: "cherry" });
    expect(page).toEqual({ items: [], next_cursor: null });
    expect(searching).toHaveBeenCalledTimes(23);
    expect(listing).toHaveBeenCalledTimes(2);
  });

  it("[SRCH-2] ends a request after sixty, and comes back to those that need time for their index", async () => {
    const searching = vi.spyOn(ConversationObject.prototype, "search");
    searching.mockResolvedValue({ ok: true, value: { hits: [], next_before_seq: 3 } });
    const page = await search(owner, EVERYWHERE, { q: "pear" });
    expect(page.items).toEqual([]);
    expect(searching).toHaveBeenCalledTimes(60);
    searching.mockRestore();
    const next = await search(owner, EVERYWHERE, { q: "pear", limit: 100, cursor: page.next_cursor ?? "" });
    expect(contentsOf(next)).toEqual(oldest.toReversed());
  });

  it("[SEC-2] finds nothing of others, even with a cursor that names their conversations", async () => {
    const forged = (position: unknown) => btoa(JSON.stringify(position)).replaceAll("=", "");
    const cursor = forged({
      places: [
        [conversation_id, null],
        [UNKNOWN, 5],
      ],
      inbox: null,
    });
    expect(await search(eve, EVERYWHERE, { q: "lodz", cursor })).toEqual({ items: [], next_cursor: null });
    for (const position of [
      { places: Array.from({ length: 21 }, () => [UNKNOWN, null]), inbox: null },
      { places: [["1", null]], inbox: null },
      { places: [[UNKNOWN, 0]], inbox: null },
      { places: [] },
      { places: [], inbox: "nonsense" },
      [],
      null,
    ]) {
      const answer = await get(eve, EVERYWHERE, { q: "lodz", cursor: forged(position) });
      expect(await problemOf(answer)).toBe("400 invalid_request");
    }
  });

  it("answers 503, not less than there is, if a conversation cannot be searched", async () => {
    vi.spyOn(ConversationObject.prototype, "search").mockResolvedValueOnce({
      ok: false,
      refusal: { code: "unavailable", message: "" },
    });
    expect(await problemOf(await get(owner, EVERYWHERE, { q: "pear" }))).toBe("503 unavailable");
  });
});

describe("the limit of searches", () => {
  it("[LIM-1] [LIM-2] counts for a user, and what is refused costs no request either", () => {
    const quota = new Quota(
      parseLimits({ SEARCHES_PER_MINUTE: "2", REQUESTS_BURST: "3", REQUESTS_PER_SECOND: "1" }),
      null,
    );
    expect(quota.takeSearch("a", 0)).toBeNull();
    expect(quota.takeSearch("b", 0)).toBeNull();
    expect(quota.takeSearch("a", 0)).toMatchObject({ code: "rate_limited", retry_after_ms: 30_000 });
    for (let n = 0; n < 2; n++) expect(quota.takeRequest("a", 0)).toBeNull();
    // One search has come back, but there is no request left for it.
    for (let n = 0; n < 3; n++) expect(quota.takeRequest("a", 30_000)).toBeNull();
    expect(quota.takeSearch("a", 30_000)).toMatchObject({ retry_after_ms: 1_000 });
    expect(quota.takeSearch("b", 30_000)).toBeNull();
  });
});
