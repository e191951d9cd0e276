import type { User } from "../../../sdk/index.ts";
import { useText } from "../text/text.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { PeoplePicker } from "./people-picker.tsx";
import { useChatWith } from "./use-chat-with.ts";

export function NewChatDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const { chatWith, isBusy } = useChatWith();
  const pick = ({ user_id }: User) => {
    if (!isBusy) void chatWith(user_id, onClose);
  };
  return (
    <Dialog title={text.newChat} onClose={onClose}>
      <PeoplePicker onPick={pick} />
    </Dialog>
  );
}
