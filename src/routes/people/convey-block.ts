import { blockersAmong } from "../../db/blocks.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { oneOnOneId } from "../../domain/conversation-id.ts";
import { conversationObject } from "../../middleware/objects.ts";
import { reach } from "../../middleware/reach.ts";

/**
 * Tells the conversation of two users whether `user_id` blocks the other. Blocks that are set and lifted at once may
 * overtake each other on the way: whoever tells looks afterwards whether it is still so, and so the last one to tell says
 * what D1 says.
 */
export async function conveyBlock(env: Env, user_id: string, other_id: string): Promise<void> {
  const db = openDatabase(env.DB);
  const conversation_id = oneOnOneId(user_id, other_id);
  let told: boolean | null = null;
  for (;;) {
    const blocks = await isBlocking(db, user_id, other_id);
    if (blocks === told) return;
    await reach(() => conversationObject(env, conversation_id).setBlock(user_id, blocks));
    told = blocks;
  }
}

async function isBlocking(db: Database, user_id: string, other_id: string): Promise<boolean> {
  return (await blockersAmong(db, user_id, other_id)).has(user_id);
}
