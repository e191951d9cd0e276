import type { ConversationType } from "../protocol/conversation.ts";
import type { Role } from "../protocol/roles.ts";

/**
 * What a conversation owes the directory in D1: itself and its members as of `version`. Publishing is idempotent, and an
 * older version never overwrites a newer one.
 */
export interface DirectoryChange {
  readonly conversation_id: string;
  readonly type: ConversationType;
  readonly name: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly version: number;
  readonly members: readonly { readonly user_id: string; readonly role: Role; readonly joined_at: number }[];
}
