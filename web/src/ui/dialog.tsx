import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useText } from "../text/text.tsx";
import { Button, IconButton } from "./button.tsx";
import { useCover } from "./covers.ts";
import { useFocusBefore } from "./focus-before.ts";

/** Where the page can be seen beside it: as the shapes have it. */
const ROOM = "(min-width: 40rem)";

const SHAPES = {
  middle:
    "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[min(28rem,calc(100vw-2rem))] sm:max-h-[85dvh] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl",
  side: "inset-y-0 right-0 w-full sm:w-96 sm:border-l sm:border-line",
};

/**
 * A dialog over the page. Radix's own overlay is left out: it would put a style element into the page, which the policy forbids,
 * to keep a page from scrolling that does not scroll.
 */
export function Dialog({
  title,
  description,
  onClose,
  shape = "middle",
  children,
  footer,
}: {
  title: string;
  description?: string;
  onClose: () => void;
  shape?: keyof typeof SHAPES;
  children?: ReactNode;
  footer?: ReactNode;
}) {
  const text = useText();
  const bringFocusBack = useFocusBefore();
  useCover(ROOM, onClose);
  return (
    <Radix.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <div aria-hidden className="animate-fade fixed inset-0 z-50 bg-black/45" />
        <Radix.Content
          {...(description === undefined && { "aria-describedby": undefined })}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            bringFocusBack();
          }}
          className={clsx(
            "animate-appear fixed z-50 flex flex-col bg-surface text-ink shadow-2xl outline-none",
            SHAPES[shape],
          )}
        >
          <div className="flex items-center justify-between gap-2 border-b border-line py-2 pr-2 pl-5">
            <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={text.close}>
                <X aria-hidden size={20} />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
            {description !== undefined && (
              <Radix.Description className="mb-3 text-muted">{description}</Radix.Description>
            )}
            {children}
          </div>
          {footer && <div className="flex justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Asks before something that cannot be undone. */
export function Confirm({
  title,
  description,
  action,
  onConfirm,
  onClose,
}: {
  title: string;
  description: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const text = useText();
  const confirm = () => {
    onClose();
    onConfirm();
  };
  return (
    <Dialog
      title={title}
      description={description}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button kind="danger" onClick={confirm}>
            {action}
          </Button>
        </>
      }
    />
  );
}
