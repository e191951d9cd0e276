import { and, eq, sql } from "drizzle-orm";
import type { DirectoryChange } from "../domain/directory.ts";
import type { Database } from "./client.ts";
import { conversationMembers, conversations } from "./schema.ts";

/**
 * Brings the directory up to a conversation's `version`. Idempotent, and an older version changes nothing, so the
 * object's outbox may deliver twice and in any order. Members travel as one JSON parameter, since a statement takes 100;
 * only rows that differ are written, since each write is billed.
 */
export async function publishConversation(db: Database, change: DirectoryChange): Promise<void> {
  const { members, ...conversation } = change;
  const { conversation_id, version } = conversation;
  const isCurrent = sql`(SELECT version FROM conversations WHERE conversation_id = ${conversation_id}) = ${version}`;
  const given = sql`json_each(${JSON.stringify(members)})`;
  await db.batch([
    db
      .insert(conversations)
      .values(conversation)
      .onConflictDoUpdate({
        target: conversations.conversation_id,
        set: { name: sql`excluded.name`, version: sql`excluded.version` },
        setWhere: sql`excluded.version > ${conversations.version}`,
      }),
    db
      .delete(conversationMembers)
      .where(
        and(
          eq(conversationMembers.conversation_id, conversation_id),
          isCurrent,
          sql`user_id NOT IN (SELECT value ->> 'user_id' FROM ${given})`,
        ),
      ),
    db
      .insert(conversationMembers)
      .select(
        sql`SELECT ${conversation_id}, value ->> 'user_id', value ->> 'role', value ->> 'joined_at', ${version}
            FROM ${given} WHERE ${isCurrent}`,
      )
      .onConflictDoUpdate({
        target: [conversationMembers.conversation_id, conversationMembers.user_id],
        set: {
          role: sql`excluded.role`,
          joined_at: sql`excluded.joined_at`,
          version: sql`excluded.version`,
        },
        setWhere: sql`excluded.role <> ${conversationMembers.role} OR excluded.joined_at <> ${conversationMembers.joined_at}`,
      }),
  ]);
}
