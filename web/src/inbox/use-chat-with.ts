import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { navigate } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";

/** Opens the conversation with somebody: the one that there is, or a new one. */
export function useChatWith() {
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  /** `onFound`: closes what lies over the page, which would keep the focus from going to the conversation. */
  const chatWith = (user_id: string, onFound?: () => void) =>
    run(async () => {
      const { conversation_id } = await client.conversationWith(user_id);
      onFound?.();
      navigate(pathOf(conversation_id));
    });
  return { chatWith, isBusy };
}
