import { v7 } from "uuid";
import { oneOnOneId } from "../../src/domain/conversation-id.ts";
import { initialGroupMembers, oneOnOneMembers } from "../../src/domain/membership.ts";
import type { ConversationSeed } from "../../src/objects/conversation/rpc.ts";
import { mixedText } from "./mixed-text.ts";
import type { FillRequest, SeedConversations } from "./seed-requests.ts";

/** One call to a conversation carries so many messages. */
const MESSAGES_PER_CALL = 500;

/** Resolves to the ids, in the order of the request, once every member's inbox has its conversation. */
export function seedConversations(env: Env, { members }: SeedConversations): Promise<string[]> {
  return Promise.all(members.map((user_ids) => found(env, seedOf(user_ids))));
}

async function found(env: Env, seed: ConversationSeed): Promise<string> {
  const { conversation_id } = seed;
  const created = await env.CONVERSATIONS.getByName(conversation_id).create(seed);
  if (!created.ok) throw new Error(created.refusal.message);
  return conversation_id;
}

function seedOf(user_ids: readonly string[]): ConversationSeed {
  const [owner = "", ...others] = user_ids;
  const [other = ""] = others;
  const common = { description: null, created_by: owner };
  if (others.length === 1) {
    const conversation_id = oneOnOneId(owner, other);
    const members = oneOnOneMembers(owner, other);
    return { ...common, conversation_id, type: "one_on_one", name: null, members };
  }
  const members = initialGroupMembers(owner, others);
  return { ...common, conversation_id: v7(), type: "group", name: "Bench", members };
}

/** Fills a log by the door that all messages take. Resolves to its head. */
export async function fillConversation(env: Env, request: FillRequest): Promise<number> {
  const { conversation_id, sender_id, from, count, content } = request;
  let head = 0;
  for (let done = 0; done < count; done += MESSAGES_PER_CALL) {
    const submissions = Array.from({ length: Math.min(MESSAGES_PER_CALL, count - done) }, (_, index) => ({
      device_id: "seed",
      draft: {
        client_message_id: `seed-${from + done + index}`,
        content: `${from + done + index} ${content ?? mixedText(from + done + index)}`,
        message_type: "text" as const,
        reply_to_seq: null,
        metadata: null,
      },
    }));
    const results = await env.CONVERSATIONS.getByName(conversation_id).submit(sender_id, submissions);
    for (const result of results) {
      if (!result.ok) throw new Error(result.refusal.message);
      head = result.value.seq;
    }
  }
  return head;
}
