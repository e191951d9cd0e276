import { useConversation } from "../data/use-conversation.ts";
import { useText } from "../text/text.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { MuteSettings } from "./mute-settings.tsx";

export function MuteDialog({ conversation_id, onClose }: { conversation_id: string; onClose: () => void }) {
  const text = useText();
  const { row } = useConversation(conversation_id).snapshot;
  return (
    <Dialog title={text.notifications} onClose={onClose}>
      {row && <MuteSettings row={row} onMuted={onClose} />}
    </Dialog>
  );
}
