import type { ShownMessage } from "../../../sdk/index.ts";
import { EmojiPicker } from "../emoji/emoji-picker.tsx";
import { useText } from "../text/text.tsx";
import { Dialog } from "../ui/dialog.tsx";
import type { MessageCommands } from "./message-commands.ts";

/** Any emoji as a reaction, for those who have come by the message's menu. */
export function ReactionDialog({
  message,
  commands,
  onClose,
}: {
  message: ShownMessage;
  commands: MessageCommands;
  onClose: () => void;
}) {
  const text = useText();
  return (
    <Dialog title={text.react} onClose={onClose}>
      <div className="h-[min(26rem,65dvh)]">
        <EmojiPicker
          onChoose={(emoji) => {
            commands.toggleReaction(message, emoji);
            onClose();
          }}
        />
      </div>
    </Dialog>
  );
}
