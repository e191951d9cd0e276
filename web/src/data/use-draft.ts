import { useSignedIn } from "../shell/context.tsx";
import { type Draft, draftChanges, readDraft } from "./drafts.ts";
import { useObservable } from "./use-observable.ts";

/** What is begun in a conversation, for those who only show it. */
export function useDraft(conversation_id: string): Draft {
  const { user_id } = useSignedIn();
  useObservable(draftChanges);
  return readDraft(user_id, conversation_id);
}
