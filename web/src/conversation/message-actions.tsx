import { Copy, EllipsisVertical, Forward, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2 } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import type { ConversationDetails, ShownMessage } from "../../../sdk/index.ts";
import { useText } from "../text/text.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuRow, MenuRowItem } from "../ui/menu.tsx";
import type { MessageCommands } from "./message-commands.ts";
import { offeredFor } from "./permissions.ts";
import { EmojiGrid, QUICK } from "./reactions.tsx";

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
        {QUICK.map((emoji) => (
          <MenuRowItem
            key={emoji}
            label={text.reactWith(emoji)}
            onSelect={() => commands.toggleReaction(message, emoji)}
          >
            {emoji}
          </MenuRowItem>
        ))}
      </MenuRow>
      <MenuItem icon={Reply} onSelect={() => commands.reply(message)}>
        {text.reply}
      </MenuItem>
      <MenuItem icon={Copy} onSelect={() => commands.copy(message)}>
        {text.copy}
      </MenuItem>
      <MenuItem icon={Forward} onSelect={() => commands.forward(message)}>
        {text.forward}
      </MenuItem>
      {pin && (
        <MenuItem icon={isPinned ? PinOff : Pin} onSelect={() => commands.togglePin(message)}>
          {isPinned ? text.unpin : text.pin}
        </MenuItem>
      )}
      {edit && (
        <MenuItem icon={Pencil} onSelect={() => commands.edit(message)}>
          {text.edit}
        </MenuItem>
      )}
      <MenuItem icon={Trash2} danger onSelect={() => commands.remove(message)}>
        {text.delete}
      </MenuItem>
    </>
  );
}

function ReactButton({ message, commands }: Omit<ActionsProps, "details">) {
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  const choose = (emoji: string) => {
    setOpen(false);
    commands.toggleReaction(message, emoji);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton label={text.react} tabIndex={-1} className="size-8 max-sm:hidden pointer-coarse:hidden">
          <SmilePlus aria-hidden size={16} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          sideOffset={4}
          collisionPadding={8}
          aria-label={text.react}
          className="animate-appear z-50 rounded-xl border border-line bg-raised p-1 shadow-xl"
        >
          <EmojiGrid onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
