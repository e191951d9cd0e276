import type { Conversation, ConversationSnapshot } from "../../../sdk/index.ts";
import { MuteSettings } from "../inbox/mute-settings.tsx";
import { useText } from "../text/text.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { GroupDetails } from "./group-details.tsx";
import { PersonDetails } from "./person-details.tsx";
import { PinnedMessages } from "./pinned-messages.tsx";

export interface DetailsProps {
  readonly conversation: Conversation;
  readonly snapshot: ConversationSnapshot;
  readonly name: string;
  readonly onClose: () => void;
}

/** Everything about a conversation that is not said in it. */
export function DetailsPanel(props: DetailsProps & { onJump: (seq: number) => void }) {
  const text = useText();
  const { row, details, conversation_id } = props.snapshot;
  const peer_id = details?.peer_id ?? row?.peer?.user_id;
  return (
    <Dialog
      shape="side"
      title={peer_id === undefined ? text.groupDetails : text.personDetails}
      onClose={props.onClose}
    >
      {peer_id === undefined ? <GroupDetails {...props} /> : <PersonDetails user_id={peer_id} />}
      {row && (
        <section className="mt-6">
          <h3 className="font-semibold">{text.notifications}</h3>
          <MuteSettings row={row} />
        </section>
      )}
      <PinnedMessages conversation_id={conversation_id} onJump={props.onJump} />
    </Dialog>
  );
}
