import { v7 } from "uuid";
import { signAccessToken } from "../../src/auth/access-token.ts";
import { hashPassword } from "../../src/auth/password-hash.ts";
import { createRefreshToken, hashToken } from "../../src/auth/refresh-token.ts";
import { configOf } from "../../src/config.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { users } from "../../src/db/schema.ts";
import { sessionInserts } from "../../src/db/session-inserts.ts";
import { newUserRow } from "../../src/db/users.ts";
import { keyRingOf, tokenRulesOf } from "../../src/middleware/key-ring.ts";
import { SEED_PASSWORD, type SeededUser, type SeedUsers } from "./seed-requests.ts";

/** D1 takes so many users in one transaction; each is three statements. */
const USERS_PER_BATCH = 100;

/** One hash serves all: they share the password, and hashing is what this is here to avoid. */
let passwordHash: Promise<string> | null = null;

export async function seedUsers(env: Env, { from, count }: SeedUsers): Promise<SeededUser[]> {
  passwordHash ??= hashPassword(SEED_PASSWORD);
  const password_hash = await passwordHash;
  const now = Date.now();
  const made = await Promise.all(
    Array.from({ length: count }, (_, index) => makeUser(env, `bench_${from + index}`, password_hash, now)),
  );
  const db = openDatabase(env.DB);
  for (let start = 0; start < made.length; start += USERS_PER_BATCH) {
    await insertUsers(db, made.slice(start, start + USERS_PER_BATCH));
  }
  return made.map(({ seeded }) => seeded);
}

type MadeUser = Awaited<ReturnType<typeof makeUser>>;

async function makeUser(env: Env, username: string, password_hash: string, now: number) {
  const config = configOf(env);
  const [user_id, session_id, device_id] = [v7(), v7(), v7()];
  const email = `${username}@example.org`;
  const row = newUserRow({
    user_id,
    username,
    email,
    password_hash,
    display_name: username,
    created_at: now,
  });
  await env.USERS.getByName(user_id).openSession({ session_id, device_id, platform: "cli" });
  const subject = { sub: user_id, username, roles: row.roles, sid: session_id, did: device_id };
  const access_token = await signAccessToken(keyRingOf(env), tokenRulesOf(config), subject, now);
  const session = {
    session_id,
    user_id,
    device_id,
    platform: "cli" as const,
    name: null,
    token_hash: await hashToken(createRefreshToken()),
    created_at: now,
    expires_at: now + config.refresh_token_seconds * 1000,
  };
  return { row, session, seeded: { user_id, username, device_id, access_token } };
}

async function insertUsers(db: Database, made: readonly MadeUser[]): Promise<void> {
  const [first, ...rest] = made.flatMap(({ row, session }) => [
    db.insert(users).values(row),
    ...sessionInserts(db, session),
  ]);
  if (first) await db.batch([first, ...rest]);
}
