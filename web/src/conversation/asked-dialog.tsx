import type { Conversation, ConversationSnapshot, ShownMessage } from "../../../sdk/index.ts";
import { lazily } from "../ui/part.tsx";
import type { MessageCommands, Question } from "./message-commands.ts";

const ForwardDialog = lazily(async () => (await import("./forward-dialog.tsx")).ForwardDialog);
const MessageInfoDialog = lazily(async () => (await import("./message-info-dialog.tsx")).MessageInfoDialog);
const ReactionDialog = lazily(async () => (await import("./reaction-dialog.tsx")).ReactionDialog);
const DeleteDialog = lazily(async () => (await import("./delete-dialog.tsx")).DeleteDialog);

/** What of a message is asked for in a dialog of its own. */
export interface Asked {
  readonly about: Question;
  readonly message: ShownMessage;
}

export function AskedDialog({
  asked: { about, message },
  conversation,
  snapshot,
  commands,
  onClose,
}: {
  asked: Asked;
  conversation: Conversation;
  snapshot: ConversationSnapshot;
  commands: MessageCommands;
  onClose: () => void;
}) {
  switch (about) {
    case "forward":
      return <ForwardDialog message={message} onClose={onClose} />;
    case "delete":
      return (
        <DeleteDialog
          message={message}
          details={snapshot.details}
          conversation={conversation}
          onClose={onClose}
        />
      );
    case "info":
      return <MessageInfoDialog message={message} snapshot={snapshot} onClose={onClose} />;
    case "react":
      return <ReactionDialog message={message} commands={commands} onClose={onClose} />;
  }
}
