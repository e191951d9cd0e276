import type { ConversationRpc } from "../objects/conversation/rpc.ts";
import type { UserRpc } from "../objects/user/rpc.ts";

/** The object of a user, as its interface: what it returns is plain data, so the types of RPC have nothing to add. */
export function userObject(env: Env, user_id: string): UserRpc {
  return env.USERS.getByName(user_id);
}

/** The object of a conversation. */
export function conversationObject(env: Env, conversation_id: string): ConversationRpc {
  return env.CONVERSATIONS.getByName(conversation_id);
}
