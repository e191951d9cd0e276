import { clsx } from "clsx";
import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

/** A menu at a button. Not modal: a modal one would put a style element into the page. */
export function Menu({
  trigger,
  children,
  open,
  onOpenChange,
  align = "end",
}: {
  trigger: ReactNode;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root
      modal={false}
      {...(open !== undefined && { open })}
      {...(onOpenChange && { onOpenChange })}
    >
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="animate-appear z-50 min-w-48 rounded-xl border border-line bg-raised p-1 text-ink shadow-xl outline-none"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  icon: Icon,
  danger = false,
  onSelect,
  children,
}: {
  icon: LucideIcon;
  danger?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className={clsx(
        "flex min-h-10 items-center gap-3 rounded-lg px-3 py-1.5 outline-none data-[highlighted]:bg-hover",
        danger && "text-danger",
      )}
    >
      <Icon aria-hidden size={18} className={danger ? "" : "text-muted"} />
      {children}
    </DropdownMenu.Item>
  );
}

/** Choices side by side, at the top of a menu. */
export function MenuRow({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Group className="mb-1 flex justify-between border-b border-line pb-1">
      {children}
    </DropdownMenu.Group>
  );
}

export function MenuRowItem({
  label,
  onSelect,
  children,
}: {
  label: string;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item
      aria-label={label}
      onSelect={onSelect}
      className="flex size-9 items-center justify-center rounded-lg text-lg outline-none data-[highlighted]:bg-hover"
    >
      {children}
    </DropdownMenu.Item>
  );
}
