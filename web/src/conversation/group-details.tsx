import { Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { navigate } from "../shell/navigation.tsx";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Loading } from "../ui/states.tsx";
import { SwitchField } from "../ui/switch.tsx";
import type { DetailsProps } from "./details-panel.tsx";
import { EditGroupDialog } from "./edit-group-dialog.tsx";
import { GroupMembers } from "./group-members.tsx";
import { InviteLinks } from "./invite-links.tsx";
import { canManage } from "./permissions.ts";

/** A group: what it is called, who is in it, and how one gets in and out. */
export function GroupDetails({
  conversation,
  snapshot,
  name,
  onClose,
  children,
}: DetailsProps & { children: ReactNode }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const [isEditing, setEditing] = useState(false);
  const { details } = snapshot;
  if (!details) return <Loading />;
  const { conversation_id, description, avatar_url, history_visible } = details;
  const isManager = canManage(details);
  const setVisible = (visible: boolean) =>
    void run(async () => {
      await client.api.updateGroup(conversation_id, { history_visible: visible });
      await conversation.refresh();
    });
  return (
    <>
      <div className="flex flex-col items-center gap-1 text-center">
        <Avatar id={conversation_id} name={name} url={avatar_url} size="large" isGroup />
        <div className="mt-2 flex max-w-full items-center gap-1">
          <h3 dir="auto" className="min-w-0 text-xl font-semibold break-words">
            {name}
          </h3>
          {isManager && (
            <IconButton label={text.editGroup} className="size-8" onClick={() => setEditing(true)}>
              <Pencil aria-hidden size={16} />
            </IconButton>
          )}
        </div>
        <p className="text-muted">{text.members(details.member_count)}</p>
        {description && (
          <p dir="auto" className="mt-1 break-words whitespace-pre-wrap">
            {description}
          </p>
        )}
      </div>
      {children}
      {isManager && (
        <div className="mt-4">
          <SwitchField
            label={text.historyVisible}
            checked={history_visible}
            disabled={isBusy}
            onChange={setVisible}
          />
        </div>
      )}
      {isManager && <InviteLinks conversation_id={conversation_id} />}
      <GroupMembers conversation={conversation} details={details} />
      <Leaving conversation_id={conversation_id} isOwner={details.role === "owner"} onClose={onClose} />
      {isEditing && <EditGroupDialog details={details} onClose={() => setEditing(false)} />}
    </>
  );
}

function Leaving({
  conversation_id,
  isOwner,
  onClose,
}: {
  conversation_id: string;
  isOwner: boolean;
  onClose: () => void;
}) {
  const text = useText();
  const { client, user_id } = useSignedIn();
  const { run } = useAction();
  const [asked, setAsked] = useState<"leave" | "delete" | null>(null);
  const go = (action: () => Promise<unknown>) =>
    void run(async () => {
      await action();
      onClose();
      navigate("/", { replace: true });
    });
  return (
    <section className="mt-6 flex flex-col gap-2">
      <Button kind="danger" onClick={() => setAsked("leave")}>
        {text.leave}
      </Button>
      {isOwner && (
        <Button kind="danger" onClick={() => setAsked("delete")}>
          {text.deleteGroup}
        </Button>
      )}
      {asked === "leave" && (
        <Confirm
          title={text.leaveQuestion}
          description={text.leaveHint}
          action={text.leave}
          onClose={() => setAsked(null)}
          onConfirm={() => go(() => client.api.removeMember(conversation_id, user_id))}
        />
      )}
      {asked === "delete" && (
        <Confirm
          title={text.deleteGroupQuestion}
          description={text.deleteGroupHint}
          action={text.deleteGroup}
          onClose={() => setAsked(null)}
          onConfirm={() => go(() => client.api.deleteGroup(conversation_id))}
        />
      )}
    </section>
  );
}
