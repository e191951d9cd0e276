import {
  Copy,
  EllipsisVertical,
  Forward,
  Info,
  Pencil,
  Pin,
  PinOff,
  Plus,
  Reply,
  SmilePlus,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import type { ConversationDetails, ShownMessage } from "../../../sdk/index.ts";
import { EmojiPopover } from "../emoji/emoji-popover.tsx";
import { QUICK_EMOJI } from "../emoji/quick-emoji.ts";
import { useText } from "../text/text.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuRow, MenuRowItem } from "../ui/menu.tsx";
import type { MessageCommands } from "./message-commands.ts";
import { offeredFor } from "./permissions.ts";

interface ActionsProps {
  readonly message: ShownMessage;
  readonly details: ConversationDetails | null;
  readonly commands: MessageCommands;
}

/** Beside a message: shown when the pointer or the focus is at it, always where there is no pointer. */
export function MessageActions({ message, details, commands }: ActionsProps) {
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  if (message.seq === null || message.deleted_at !== null) return null;
  return (
    <div className="flex shrink-0 self-center opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100">
      <ReactButton message={message} commands={commands} />
      <IconButton
        label={text.reply}
        tabIndex={-1}
        className="size-8 max-sm:hidden pointer-coarse:hidden"
        onClick={() => commands.reply(message)}
      >
        <Reply aria-hidden size={16} />
      </IconButton>
      <Menu
        open={isOpen}
        onOpenChange={setOpen}
        align={message.mine ? "end" : "start"}
        trigger={
          <IconButton label={text.messageActions} className="size-8">
            <EllipsisVertical aria-hidden size={16} />
          </IconButton>
        }
      >
        <Items message={message} details={details} commands={commands} />
      </Menu>
    </div>
  );
}

function Items({ message, details, commands }: ActionsProps) {
  const text = useText();
  const { edit, pin } = offeredFor(message, details, Date.now());
  const isPinned = message.pinned_at !== undefined;
  return (
    <>
      <MenuRow>
        {QUICK_EMOJI.map((emoji) => (
          <MenuRowItem
            key={emoji}
            label={text.reactWith(emoji)}
            onSelect={() => commands.toggleReaction(message, emoji)}
          >
            {emoji}
          </MenuRowItem>
        ))}
        <MenuRowItem label={text.moreEmoji} onSelect={() => commands.ask("react", message)}>
          <Plus aria-hidden size={18} className="text-muted" />
        </MenuRowItem>
      </MenuRow>
      <MenuItem icon={Reply} onSelect={() => commands.reply(message)}>
        {text.reply}
      </MenuItem>
      <MenuItem icon={Copy} onSelect={() => commands.copy(message)}>
        {text.copy}
      </MenuItem>
      <MenuItem icon={Forward} onSelect={() => commands.ask("forward", message)}>
        {text.forward}
      </MenuItem>
      {pin && (
        <MenuItem icon={isPinned ? PinOff : Pin} onSelect={() => commands.togglePin(message)}>
          {isPinned ? text.unpin : text.pin}
        </MenuItem>
      )}
      {message.mine && (
        <MenuItem icon={Info} onSelect={() => commands.ask("info", message)}>
          {text.messageInfo}
        </MenuItem>
      )}
      {edit && (
        <MenuItem icon={Pencil} onSelect={() => commands.edit(message)}>
          {text.edit}
        </MenuItem>
      )}
      <MenuItem icon={Trash2} danger onSelect={() => commands.ask("delete", message)}>
        {text.delete}
      </MenuItem>
    </>
  );
}

function ReactButton({ message, commands }: Omit<ActionsProps, "details">) {
  const text = useText();
  return (
    <EmojiPopover
      label={text.react}
      onChoose={(emoji) => commands.toggleReaction(message, emoji)}
      trigger={
        <IconButton label={text.react} tabIndex={-1} className="size-8 max-sm:hidden pointer-coarse:hidden">
          <SmilePlus aria-hidden size={16} />
        </IconButton>
      }
    />
  );
}
