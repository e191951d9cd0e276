import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { decodeProtectedHeader } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { KeyRing, type KeyStore } from "../../src/auth/key-ring.ts";
import type { StoredKey } from "../../src/auth/signing-key.ts";
import { unwrapPrivateKey } from "../../src/auth/signing-key.ts";
import { configOf } from "../../src/config.ts";
import { openDatabase } from "../../src/db/client.ts";
import { listSigningKeys } from "../../src/db/signing-keys.ts";
import { keyRingOf } from "../../src/middleware/key-ring.ts";
import { signedInSchema } from "../../src/protocol/session.ts";
import { maintain } from "../../src/routes/maintenance.ts";
import worker from "../../src/worker.ts";
import { call, PASSWORD, problemOf, read, registerUser } from "../support/workerd/api.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const RULES = { signing_ms: 90 * DAY, token_ms: 15 * MINUTE };

const jwksSchema = z.object({ keys: z.array(z.object({ kid: z.string() })) });

async function publishedKids(): Promise<string[]> {
  const { keys } = await read(await call("GET", "/.well-known/jwks.json"), 200, jwksSchema);
  return keys.map((key) => key.kid);
}

async function runCron(): Promise<void> {
  const controller = createScheduledController({ scheduledTime: new Date(Date.now()) });
  await worker.scheduled(controller, env);
}

/** A store in memory that takes its time, so that two callers are in it at once. */
function slowStore(keys: StoredKey[] = []) {
  const store: KeyStore & { loads: number; keys: StoredKey[] } = {
    loads: 0,
    keys,
    async list() {
      store.loads++;
      await scheduler.wait(5);
      return [...store.keys];
    },
    async insertUnlessNewer(key, signs_after) {
      await scheduler.wait(5);
      if (!store.keys.some((known) => known.signs_from > signs_after)) store.keys.push(key);
    },
    async remove(kids) {
      store.keys = store.keys.filter((key) => !kids.includes(key.kid));
    },
    reportOutage: () => undefined,
  };
  return store;
}

const masterKey = configOf(env).master_key;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("signing keys", () => {
  it("rotate by cron: published before they sign, kept while their tokens live, then gone", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { user, access_token: oldToken, refresh_token: _ } = await registerUser();
    const oldKid = decodeProtectedHeader(oldToken).kid ?? "";
    const signIn = async () => {
      const body = { username: user.username, password: PASSWORD };
      const { access_token } = await read(
        await call("POST", "/api/auth/login", { body }),
        200,
        signedInSchema,
      );
      return { access_token, kid: decodeProtectedHeader(access_token).kid ?? "" };
    };

    await runCron();
    expect(await publishedKids()).toEqual([oldKid]);

    vi.setSystemTime(Date.now() + 90 * DAY);
    await runCron();
    await runCron();
    const [, newKid] = await publishedKids();
    expect(await publishedKids()).toEqual([oldKid, newKid]);
    const lastOfOld = await signIn();
    expect(lastOfOld.kid).toBe(oldKid);

    vi.setSystemTime(Date.now() + 61 * MINUTE);
    const firstOfNew = await signIn();
    expect(firstOfNew.kid).toBe(newKid);
    expect((await call("GET", "/api/users/me", { token: firstOfNew.access_token })).status).toBe(200);

    vi.setSystemTime(Date.now() + 10 * MINUTE);
    await runCron();
    expect(await publishedKids()).toEqual([oldKid, newKid]);

    vi.setSystemTime(Date.now() + DAY);
    await runCron();
    expect(await publishedKids()).toEqual([newKid]);
    expect(await problemOf(await call("GET", "/api/users/me", { token: lastOfOld.access_token }))).toBe(
      "401 unauthenticated",
    );
  });

  it("are one when two isolates make the first at once", async () => {
    const store = slowStore();
    const rings = [new KeyRing(store, masterKey, RULES), new KeyRing(store, masterKey, RULES)];
    const now = Date.now();
    const [one, other] = await Promise.all(rings.map((ring, i) => ring.signingKey(now - i)));
    expect(store.keys).toHaveLength(1);
    expect(one?.kid).toBe(other?.kid);
  });

  it("are one when D1 decides it", async () => {
    await env.DB.prepare("DELETE FROM signing_keys").run();
    await Promise.all(Array.from({ length: 4 }, () => maintain(env, Date.now())));
    expect(await listSigningKeys(openDatabase(env.DB))).toHaveLength(1);
    const kids = await Promise.all(
      Array.from({ length: 4 }, () => keyRingOf({ ...env }).signingKey(Date.now())),
    );
    expect(new Set(kids.map((key) => key.kid)).size).toBe(1);
  });

  it("go on verifying while the store is down", async () => {
    const store = slowStore();
    const ring = new KeyRing(store, masterKey, RULES);
    const { kid } = await ring.signingKey(0);
    store.list = () => Promise.reject(new Error("D1_ERROR: Network connection lost."));
    expect(await ring.verificationKey(kid, 20 * DAY)).not.toBeNull();
    await expect(new KeyRing(store, masterKey, RULES).verificationKey(kid, 0)).rejects.toThrow("D1_ERROR");
    await expect(ring.verificationKey("unknown", 30 * DAY)).rejects.toThrow("D1_ERROR");
  });

  it("are looked up again for an unknown kid, but not for every one", async () => {
    const store = slowStore();
    const ring = new KeyRing(store, masterKey, RULES);
    await ring.signingKey(0);
    const other = new KeyRing(store, masterKey, RULES);
    expect(await other.publicKeys(0)).toHaveLength(1);
    await new KeyRing(store, masterKey, RULES).rotate(90 * DAY);
    const newKid = store.keys[1]?.kid ?? "";

    const before = store.loads;
    expect(await other.verificationKey(newKid, 1)).not.toBeNull();
    expect(store.loads).toBe(before + 1);
    for (let i = 0; i < 50; i++) expect(await other.verificationKey(`made-up-${i}`, 2)).toBeNull();
    expect(store.loads).toBe(before + 1);
  });

  it("are stored so that only MASTER_KEY and their own kid open them", async () => {
    const [stored] = await listSigningKeys(openDatabase(env.DB));
    if (!stored) throw new Error("there is no key");
    expect(JSON.stringify(stored)).not.toContain('"d"');
    await unwrapPrivateKey(stored, masterKey);
    await expect(unwrapPrivateKey(stored, new Uint8Array(32))).rejects.toThrow("MASTER_KEY");
    await expect(unwrapPrivateKey({ ...stored, kid: "another" }, masterKey)).rejects.toThrow("another");
  });

  it("go with expired sessions and tokens in the nightly round", async () => {
    const { session_id } = await registerUser();
    const { session_id: living } = await registerUser();
    for (const table of ["sessions", "refresh_tokens"]) {
      await env.DB.prepare(`UPDATE ${table} SET expires_at = 1 WHERE session_id = ?`).bind(session_id).run();
    }
    await runCron();
    for (const table of ["sessions", "refresh_tokens"]) {
      const { results } = await env.DB.prepare(`SELECT session_id FROM ${table}`).all();
      expect(results).not.toContainEqual({ session_id });
      expect(results).toContainEqual({ session_id: living });
    }
  });
});
