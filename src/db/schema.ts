import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { JWK } from "jose";
import type { PairState } from "../domain/friendship.ts";
import type { ConversationType } from "../protocol/conversation.ts";
import type { PrivacyUpdate } from "../protocol/privacy.ts";
import type { Role } from "../protocol/roles.ts";
import type { Platform } from "../protocol/session.ts";

/** The `_key` columns hold what is compared: without regard to case. Times are Unix milliseconds. */
export const users = sqliteTable(
  "users",
  {
    user_id: text().primaryKey(),
    username: text().notNull(),
    username_key: text().notNull().unique(),
    email: text().notNull(),
    email_key: text().notNull().unique(),
    password_hash: text().notNull(),
    display_name: text().notNull(),
    display_name_key: text().notNull(),
    avatar_url: text(),
    /** Not read any more: its home is the user's object. A Worker of before, which names it, may still serve during a deploy. */
    status_text: text().notNull().default(""),
    /** What the user has chosen; the rest is as by default (`privacyOf`). */
    privacy: text({ mode: "json" }).$type<PrivacyUpdate>().notNull().default({}),
    roles: text({ mode: "json" }).$type<string[]>().notNull(),
    suspended_at: integer(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [index("users_display_name_key").on(table.display_name_key)],
);

export const sessions = sqliteTable(
  "sessions",
  {
    session_id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.user_id, { onDelete: "cascade" }),
    device_id: text().notNull(),
    platform: text().$type<Platform>(),
    name: text(),
    created_at: integer().notNull(),
    last_used_at: integer().notNull(),
    expires_at: integer().notNull(),
    ended_at: integer(),
  },
  (table) => [index("sessions_user_id").on(table.user_id), index("sessions_expires_at").on(table.expires_at)],
);

/** Tokens by their SHA-256. A used one is kept until it would have expired: whoever comes with it holds a copy. */
export const refreshTokens = sqliteTable(
  "refresh_tokens",
  {
    hash: text().primaryKey(),
    session_id: text()
      .notNull()
      .references(() => sessions.session_id, { onDelete: "cascade" }),
    expires_at: integer().notNull(),
    used_at: integer(),
    successor_hash: text(),
  },
  (table) => [
    index("refresh_tokens_session_id").on(table.session_id),
    index("refresh_tokens_expires_at").on(table.expires_at),
  ],
);

/** The private half is wrapped (AES-GCM under MASTER_KEY); what is stored here signs nothing by itself. */
export const signingKeys = sqliteTable("signing_keys", {
  kid: text().primaryKey(),
  public_jwk: text({ mode: "json" }).$type<JWK>().notNull(),
  wrapped_private_key: text().notNull(),
  created_at: integer().notNull(),
  signs_from: integer().notNull(),
});

/**
 * How two users stand to each other: one row per pair, named by its ids in order, so that whoever changes it meets the
 * other's change there. A row stays when it says `none`, since `version` grows with each change for ever: the users'
 * objects, which are told in any order, go by it.
 */
export const friendships = sqliteTable(
  "friendships",
  {
    first_id: text()
      .notNull()
      .references(() => users.user_id, { onDelete: "cascade" }),
    second_id: text()
      .notNull()
      .references(() => users.user_id, { onDelete: "cascade" }),
    state: text().$type<PairState>().notNull(),
    requested_by: text().notNull(),
    since: integer().notNull(),
    version: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.first_id, table.second_id] }),
    index("friendships_second_id").on(table.second_id),
  ],
);

/** Whom a user has blocked. */
export const blocks = sqliteTable(
  "blocks",
  {
    user_id: text()
      .notNull()
      .references(() => users.user_id, { onDelete: "cascade" }),
    blocked_id: text()
      .notNull()
      .references(() => users.user_id, { onDelete: "cascade" }),
    created_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.user_id, table.blocked_id] }),
    index("blocks_blocked_id").on(table.blocked_id),
  ],
);

/** The directory: what conversation objects have published about themselves, for queries; they remain the authority. */
export const conversations = sqliteTable("conversations", {
  conversation_id: text().primaryKey(),
  type: text().$type<ConversationType>().notNull(),
  name: text(),
  created_by: text().notNull(),
  created_at: integer().notNull(),
  version: integer().notNull(),
});

export const conversationMembers = sqliteTable(
  "conversation_members",
  {
    conversation_id: text().notNull(),
    user_id: text().notNull(),
    role: text().$type<Role>().notNull(),
    joined_at: integer().notNull(),
    version: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation_id, table.user_id] }),
    index("conversation_members_user_id").on(table.user_id),
  ],
);
