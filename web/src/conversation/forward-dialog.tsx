import { Search } from "lucide-react";
import { useRef, useState } from "react";
import type { InboxRow, ShownMessage } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useObservable } from "../data/use-observable.ts";
import { arrange } from "../inbox/arrange.ts";
import { useRowName, useRowNames } from "../inbox/row-name.ts";
import { useRowPicture } from "../inbox/row-picture.ts";
import { useSignedIn } from "../shell/context.tsx";
import { navigate } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { INPUT } from "../ui/field.tsx";

/** Passes a message on to another conversation. */
export function ForwardDialog({ message, onClose }: { message: ShownMessage; onClose: () => void }) {
  const text = useText();
  const { client } = useSignedIn();
  const { rows } = useObservable(client.inbox);
  const [filter, setFilter] = useState("");
  const { run, isBusy } = useAction();
  // The same for every attempt, so that a repeated one sends nothing twice.
  const key = useRef(`forward-${crypto.getRandomValues(new Uint32Array(3)).join("-")}`);
  const shown = arrange(rows, "inbox", filter, useRowNames());
  const forward = async ({ conversation_id }: InboxRow) => {
    const { message_id } = message;
    if (message_id === null) return;
    const isDone = await run(async () => {
      await client.api.forwardMessage(message.conversation_id, message_id, {
        conversation_id,
        client_message_id: key.current,
      });
      navigate(pathOf(conversation_id));
    });
    if (isDone) onClose();
  };
  return (
    <Dialog title={text.forwardTo} onClose={onClose}>
      <div className="relative mb-2">
        <Search aria-hidden size={16} className="absolute top-3.5 left-3 text-muted" />
        <input
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          aria-label={text.filterChats}
          placeholder={text.filterChats}
          className={`${INPUT} min-h-11 pl-9`}
        />
      </div>
      <ul>
        {shown.slice(0, 50).map((row) => (
          <li key={row.conversation_id}>
            <Target row={row} disabled={isBusy} onChoose={() => void forward(row)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Target({ row, disabled, onChoose }: { row: InboxRow; disabled: boolean; onChoose: () => void }) {
  const name = useRowName(row);
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onChoose}
      className="flex w-full items-center gap-3 rounded-xl p-2 text-left hover:bg-hover"
    >
      <Avatar
        id={row.peer?.user_id ?? row.conversation_id}
        name={name}
        url={useRowPicture(row)}
        isGroup={row.type === "group"}
      />
      <span dir="auto" className="truncate font-medium">
        {name}
      </span>
    </button>
  );
}
