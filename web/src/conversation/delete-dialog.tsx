import type { Conversation, ConversationDetails, ShownMessage } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { offeredFor } from "./permissions.ts";

/** Asks for whom a message is to be deleted: for everybody, where that is allowed, or for oneself. */
export function DeleteDialog({
  message,
  details,
  conversation,
  onClose,
}: {
  message: ShownMessage;
  details: ConversationDetails | null;
  conversation: Conversation;
  onClose: () => void;
}) {
  const text = useText();
  const { run, isBusy } = useAction();
  const { remove } = offeredFor(message, details, Date.now());
  const act = async (action: (message_id: string) => Promise<unknown>) => {
    const { message_id } = message;
    if (message_id !== null && (await run(() => action(message_id)))) onClose();
  };
  return (
    <Dialog
      title={text.deleteQuestion}
      description={remove ? text.deleteForAllHint : text.deleteForMeHint}
      onClose={onClose}
      footer={
        <>
          <Button disabled={isBusy} onClick={() => void act((message_id) => conversation.hide(message_id))}>
            {text.deleteForMe}
          </Button>
          {remove && (
            <Button
              kind="danger"
              disabled={isBusy}
              onClick={() => void act((message_id) => conversation.delete(message_id))}
            >
              {text.deleteForAll}
            </Button>
          )}
        </>
      }
    />
  );
}
