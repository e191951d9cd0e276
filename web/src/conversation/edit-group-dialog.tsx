import { useState } from "react";
import type { ConversationDetails } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { PictureField, usePicture } from "../ui/picture-field.tsx";

/** What a group is called, what it is about, and its picture. */
export function EditGroupDialog({ details, onClose }: { details: ConversationDetails; onClose: () => void }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const { conversation_id } = details;
  const [name, setName] = useState(details.name ?? "");
  const [about, setAbout] = useState(details.description ?? "");
  const picture = usePicture(details.avatar_url);
  const save = async () => {
    const description = about.trim() || null;
    const change = {
      ...(name.trim() !== details.name && { name: name.trim() }),
      ...(description !== details.description && { description }),
      ...(picture.wanted !== details.avatar_url && { avatar_url: picture.wanted }),
    };
    if (await run(() => client.api.updateGroup(conversation_id, change))) onClose();
  };
  return (
    <Dialog
      title={text.editGroup}
      onClose={onClose}
      footer={
        <Button
          kind="primary"
          disabled={isBusy || name.trim() === "" || !picture.isFit}
          onClick={() => void save()}
        >
          {text.save}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <span className="self-center">
          <Avatar id={conversation_id} name={name} url={picture.shown} size="large" isGroup />
        </span>
        <TextField
          label={text.groupName}
          value={name}
          maxLength={100}
          dir="auto"
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={text.description}
          value={about}
          maxLength={1000}
          dir="auto"
          onChange={(event) => setAbout(event.target.value)}
        />
        <PictureField picture={picture} />
      </div>
    </Dialog>
  );
}
