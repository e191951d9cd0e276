import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { lazily, Part } from "../ui/part.tsx";
import { Loading } from "../ui/states.tsx";

const EmojiPicker = lazily(async () => (await import("./emoji-picker.tsx")).EmojiPicker);

/** Emoji to choose from, at a button. */
export function EmojiPopover({
  label,
  trigger,
  onChoose,
  onCloseAutoFocus,
}: {
  label: string;
  trigger: ReactNode;
  onChoose: (emoji: string) => void;
  /** Where the focus is to go, if not back to the button. */
  onCloseAutoFocus?: (event: Event) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const choose = (emoji: string) => {
    setOpen(false);
    onChoose(emoji);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          {...(onCloseAutoFocus && { onCloseAutoFocus })}
          aria-label={label}
          className="animate-appear z-50 flex h-96 w-84 max-w-[calc(100vw-1rem)] flex-col rounded-2xl border border-line bg-raised p-2 shadow-xl"
        >
          <Part loading={<Loading />}>
            <EmojiPicker onChoose={choose} />
          </Part>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
