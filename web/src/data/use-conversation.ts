import type { Conversation, ConversationSnapshot } from "../../../sdk/index.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useObservable } from "./use-observable.ts";

export function useConversation(conversation_id: string): {
  readonly conversation: Conversation;
  readonly snapshot: ConversationSnapshot;
} {
  const { client } = useSignedIn();
  const conversation = client.conversation(conversation_id);
  return { conversation, snapshot: useObservable(conversation) };
}
