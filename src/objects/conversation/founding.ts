import { NO_MARKS } from "../../domain/marks.ts";
import { refuseMemberCount } from "../../domain/membership.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { migrate } from "../runtime/migrations.ts";
import { conversationMigrations } from "./migrations.ts";
import type { Outbox } from "./outbox.ts";
import type { ConversationSeed } from "./rpc.ts";
import { NO_DELIVERED } from "./state.ts";
import type { ConversationStore } from "./store.ts";

/** Why a conversation cannot begin so, or null (CONV-2). */
export function refuseSeed(seed: ConversationSeed, limits: Limits): Refusal | null {
  return refuseMemberCount(seed.type, seed.members.length, limits.max_group_members);
}

/** Writes a new conversation, its members, and what it owes the directory, in one transaction. */
export function foundConversation(
  storage: DurableObjectStorage,
  store: ConversationStore,
  outbox: Outbox,
  seed: ConversationSeed,
  now: number,
): void {
  const { conversation_id, type, name, description, created_by, members } = seed;
  migrate(storage, conversationMigrations);
  storage.transactionSync(() => {
    store.insertConversation({
      conversation_id,
      type,
      name,
      description,
      avatar_url: null,
      created_by,
      created_at: now,
      version: 1,
      settled_seq: -1,
      delivered: NO_DELIVERED,
      history_visible: false,
    });
    store.putMembers(
      members.map(({ username = "", user_id, role }) => ({
        user_id,
        role,
        ...NO_MARKS,
        username,
        joined_seq: 0,
        joined_at: now,
        left_seq: null,
      })),
    );
    for (const { user_id, is_request = false } of members) if (is_request) store.requests.add(user_id);
    outbox.enqueue(
      {
        conversation_id,
        type,
        name,
        created_by,
        created_at: now,
        version: 1,
        members: members.map(({ user_id, role }) => ({ user_id, role, joined_at: now })),
      },
      now,
    );
  });
}
