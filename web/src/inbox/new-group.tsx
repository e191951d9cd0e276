import { useState } from "react";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { navigate } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { PeoplePicker } from "./people-picker.tsx";
import { Picked, usePicked } from "./picked.tsx";

export function NewGroupDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const [name, setName] = useState("");
  const { picked, toggle } = usePicked();
  const create = () =>
    run(async () => {
      const user_ids = picked.map(({ user_id }) => user_id);
      const { conversation_id } = await client.createGroup(name.trim(), user_ids);
      // Before the conversation comes up, which is to have the focus.
      onClose();
      navigate(pathOf(conversation_id));
    });
  return (
    <Dialog
      title={text.newGroup}
      onClose={onClose}
      footer={
        <>
          <span className="mr-auto self-center text-sm text-muted">
            {picked.length < 2 ? text.groupNeeds : text.chosen(picked.length)}
          </span>
          <Button
            kind="primary"
            disabled={isBusy || picked.length < 2 || name.trim() === ""}
            onClick={() => void create()}
          >
            {text.create}
          </Button>
        </>
      }
    >
      <TextField
        label={text.groupName}
        value={name}
        maxLength={100}
        dir="auto"
        onChange={(event) => setName(event.target.value)}
        className="mb-4"
      />
      <p className="mb-1 text-sm font-medium">{text.groupMembers}</p>
      <Picked users={picked} onRemove={toggle} />
      <PeoplePicker picked={picked} onPick={toggle} />
    </Dialog>
  );
}
