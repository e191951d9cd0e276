import { and, asc, eq, gt, gte, inArray, isNull, lt, not, or, sql } from "drizzle-orm";
import { privacyOf } from "../domain/privacy.ts";
import { accepted, type Result, refused } from "../domain/result.ts";
import { refusal } from "../protocol/errors.ts";
import type { Account, ProfileUpdate, User } from "../protocol/user.ts";
import type { Database } from "./client.ts";
import { hidesFrom } from "./pairs.ts";
import { conversationMembers, users } from "./schema.ts";
import { type NewSession, sessionInserts } from "./session-inserts.ts";
import { violatedColumn } from "./unique.ts";

export type UserRow = typeof users.$inferSelect;

export interface NewUser {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly password_hash: string;
  readonly display_name: string;
  readonly created_at: number;
}

/** What is compared instead of a name: without regard to case and to how its characters are composed. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** A new user as it will be stored. */
export function newUserRow(user: NewUser): UserRow {
  return {
    ...user,
    username_key: nameKey(user.username),
    email_key: nameKey(user.email),
    display_name_key: nameKey(user.display_name),
    avatar_url: null,
    status_text: "",
    privacy: {},
    roles: ["user"],
    suspended_at: null,
    updated_at: user.created_at,
  };
}

/**
 * Registers a user with its first session, both or neither. Of two who register the same name at once, the constraint
 * lets one through.
 */
export async function insertUser(db: Database, row: UserRow, session: NewSession): Promise<Result<UserRow>> {
  try {
    await db.batch([db.insert(users).values(row), ...sessionInserts(db, session)]);
    return accepted(row);
  } catch (error) {
    const column = violatedColumn(error);
    if (column === "users.username_key") return refused(refusal("username_taken"));
    if (column === "users.email_key") return refused(refusal("email_taken"));
    throw error;
  }
}

/** Which of the two is taken already: asked before the expensive part of registering; `insertUser` decides. */
export async function findTaken(
  db: Database,
  username: string,
  email: string,
): Promise<"username_taken" | "email_taken" | null> {
  const rows = await db
    .select({ username_key: users.username_key })
    .from(users)
    .where(or(eq(users.username_key, nameKey(username)), eq(users.email_key, nameKey(email))))
    .limit(2);
  if (rows.some((row) => row.username_key === nameKey(username))) return "username_taken";
  return rows.length > 0 ? "email_taken" : null;
}

/** By user name or e-mail address; the '@' tells which. */
export function findUserByLogin(db: Database, login: string): Promise<UserRow | undefined> {
  const key = nameKey(login);
  return db
    .select()
    .from(users)
    .where(eq(key.includes("@") ? users.email_key : users.username_key, key))
    .get();
}

export function findUser(db: Database, user_id: string): Promise<UserRow | undefined> {
  return db.select().from(users).where(eq(users.user_id, user_id)).get();
}

/** Any number of users in one statement; who does not exist is left out. */
export function findUsers(db: Database, user_ids: readonly string[]): Promise<UserRow[]> {
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(user_ids)}))`;
  return db.select().from(users).where(sql`${users.user_id} IN ${wanted}`);
}

/** The user after this one by id; undefined after the last. */
export function nextUserId(db: Database, after_id: string): Promise<{ user_id: string } | undefined> {
  return db
    .select({ user_id: users.user_id })
    .from(users)
    .where(gt(users.user_id, after_id))
    .orderBy(asc(users.user_id))
    .limit(1)
    .get();
}

/** Higher than any character, so that a prefix is a range of an index: LIKE would be slower, and has wildcards to escape. */
const LAST = "\u{10FFFF}";

export interface UserSearch {
  /** Those who have blocked this user are not found. */
  readonly viewer_id: string;
  readonly prefix: string;
  /** Only those whose key comes after it. */
  readonly after_key: string | null;
  readonly limit: number;
}

/** Users whose user name or display name begins with `prefix`, by user name. */
export function searchUsers(db: Database, search: UserSearch): Promise<UserRow[]> {
  const [from, to] = rangeOf(search.prefix);
  const isNamedSo = or(
    and(gte(users.username_key, from), lt(users.username_key, to)),
    and(gte(users.display_name_key, from), lt(users.display_name_key, to)),
  );
  return db
    .select()
    .from(users)
    .where(and(isNamedSo, isFound(search)))
    .orderBy(asc(users.username_key))
    .limit(search.limit);
}

/**
 * The same among a conversation's members, as the directory has them; the display name may have any word that begins so. The
 * plus signs keep SQLite from going through all users by an index, rather than through the members.
 */
export function searchMembers(db: Database, conversation_id: string, search: UserSearch): Promise<UserRow[]> {
  const [from, to] = rangeOf(search.prefix);
  const members = db
    .select({ user_id: conversationMembers.user_id })
    .from(conversationMembers)
    .where(eq(conversationMembers.conversation_id, conversation_id));
  const isNamedSo = or(
    sql`+${users.username_key} >= ${from} AND +${users.username_key} < ${to}`,
    sql`instr(' ' || ${users.display_name_key}, ${` ${from}`}) > 0`,
  );
  return db
    .select()
    .from(users)
    .where(and(inArray(users.user_id, members), isNamedSo, isFound(search)))
    .orderBy(sql`+${users.username_key}`)
    .limit(search.limit);
}

function rangeOf(prefix: string): [string, string] {
  const from = nameKey(prefix);
  return [from, from + LAST];
}

function isFound({ viewer_id, after_key }: UserSearch) {
  return and(
    after_key === null ? undefined : gt(users.username_key, after_key),
    isNull(users.suspended_at),
    not(hidesFrom(viewer_id)),
  );
}

/** Always grows: the user's object, which may be told of two changes in any order, goes by it. */
function nextUpdate(now: number) {
  return sql`max(${now}, ${users.updated_at} + 1)`;
}

/** Changes what is given, of the privacy settings too. */
export function updateProfile(
  db: Database,
  user_id: string,
  { privacy, ...profile }: Omit<ProfileUpdate, "status_text">,
  now: number,
): Promise<UserRow | undefined> {
  return db
    .update(users)
    .set({
      ...profile,
      ...(profile.display_name !== undefined && { display_name_key: nameKey(profile.display_name) }),
      ...(privacy && { privacy: sql`json_patch(${users.privacy}, ${JSON.stringify(privacy)})` }),
      updated_at: nextUpdate(now),
    })
    .where(eq(users.user_id, user_id))
    .returning()
    .get();
}

/** Replaces a hash only while it is still the user's: of two changes at once, one wins. */
export function updatePasswordHash(db: Database, user: UserRow, password_hash: string, now: number) {
  return db
    .update(users)
    .set({ password_hash, updated_at: nextUpdate(now) })
    .where(and(eq(users.user_id, user.user_id), eq(users.password_hash, user.password_hash)))
    .returning({ user_id: users.user_id });
}

/**
 * What anyone who is signed in may see. The status text is for its user's object to say: in lists, where that would cost a
 * call per row, it stays empty.
 */
export function userOf({ user_id, username, display_name, avatar_url }: UserRow, status_text = ""): User {
  return { user_id, username, display_name, avatar_url, status_text };
}

/** What a user sees of its own account. */
export function accountOf(row: UserRow, status_text: string): Account {
  const { email, roles, created_at, privacy } = row;
  return { ...userOf(row, status_text), email, roles, created_at, privacy: privacyOf(privacy) };
}
