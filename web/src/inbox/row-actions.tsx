import { Archive, ArchiveRestore, Bell, BellOff, Ellipsis, Mail, MailOpen, Pin, PinOff } from "lucide-react";
import type { InboxRow } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { openDialog } from "../shell/dialogs.ts";
import { useLocale, useText } from "../text/text.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { muteText, unmuted } from "./mute.ts";

/** At a row, for those who point at it. */
export function RowMenu({ row, name, now }: { row: InboxRow; name: string; now: number }) {
  const text = useText();
  return (
    <Menu
      trigger={
        <IconButton
          label={text.chatActions(name)}
          className="absolute top-1 right-1 size-8 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:hidden"
        >
          <Ellipsis aria-hidden size={18} />
        </IconButton>
      }
    >
      <RowActions row={row} now={now} />
    </Menu>
  );
}

/** What can be set for a conversation, in its row's menu and in its own. */
export function RowActions({ row, now }: { row: InboxRow; now: number }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run } = useAction();
  const set = (settings: Parameters<typeof client.api.updateSettings>[1]) =>
    void run(() => client.api.updateSettings(row.conversation_id, settings));
  const isUnread = row.unread_count > 0 || row.marked_unread;
  const muted = muteText(row, text, useLocale(), now);
  const markRead = () => {
    client.conversation(row.conversation_id).markRead();
  };
  return (
    <>
      <MenuItem icon={row.pinned ? PinOff : Pin} onSelect={() => set({ pinned: !row.pinned })}>
        {row.pinned ? text.unpinChat : text.pinChat}
      </MenuItem>
      <MenuItem
        icon={muted ? Bell : BellOff}
        onSelect={() => (muted ? set(unmuted(row)) : openDialog({ muting: row.conversation_id }))}
      >
        {muted ? (
          <span>
            {text.unmute}
            <span className="block text-xs text-muted">{muted}</span>
          </span>
        ) : (
          text.mute
        )}
      </MenuItem>
      <MenuItem
        icon={isUnread ? MailOpen : Mail}
        onSelect={() => (isUnread ? markRead() : set({ marked_unread: true }))}
      >
        {isUnread ? text.markRead : text.markUnread}
      </MenuItem>
      <MenuItem
        icon={row.archived ? ArchiveRestore : Archive}
        onSelect={() => set({ archived: !row.archived })}
      >
        {row.archived ? text.unarchive : text.archive}
      </MenuItem>
    </>
  );
}
