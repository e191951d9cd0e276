import { useState } from "react";
import type { Conversation, ConversationSnapshot, InboxRow } from "../../../sdk/index.ts";
import { useNow } from "../data/use-now.ts";
import { muteText } from "../inbox/mute.ts";
import { MuteDialog } from "../inbox/mute-dialog.tsx";
import { useLocale, useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
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
  const common = (
    <>
      {row && <Notifications row={row} />}
      <PinnedMessages conversation_id={conversation_id} onJump={props.onJump} />
    </>
  );
  return (
    <Dialog
      shape="side"
      title={peer_id === undefined ? text.groupDetails : text.personDetails}
      onClose={props.onClose}
    >
      {peer_id === undefined ? (
        <GroupDetails {...props}>{common}</GroupDetails>
      ) : (
        <>
          <PersonDetails user_id={peer_id} />
          {common}
        </>
      )}
    </Dialog>
  );
}

const MINUTE = 60_000;

/** Of what one is told here, and the way to change that. */
function Notifications({ row }: { row: InboxRow }) {
  const text = useText();
  const [isChanging, setChanging] = useState(false);
  const muted = muteText(row, text, useLocale(), useNow(MINUTE));
  return (
    <section className="mt-6 flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <h3 className="font-semibold">{text.notifications}</h3>
        <p className="text-sm text-muted">
          {muted ?? (row.notifications === "mentions" ? text.tellMentions : text.tellAll)}
        </p>
      </div>
      <Button onClick={() => setChanging(true)}>{text.change}</Button>
      {isChanging && <MuteDialog conversation_id={row.conversation_id} onClose={() => setChanging(false)} />}
    </section>
  );
}
