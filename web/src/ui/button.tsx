import { clsx } from "clsx";
import type { ButtonHTMLAttributes } from "react";

type Kind = "primary" | "plain" | "danger" | "quiet";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-white hover:bg-accent-strong",
  plain: "border border-line bg-raised text-ink hover:bg-hover",
  danger: "border border-line bg-raised text-danger hover:bg-danger-soft",
  quiet: "text-accent-ink hover:bg-hover",
};

export function Button({
  kind = "plain",
  className,
  type = "button",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind }) {
  return (
    <button
      type={type}
      className={clsx(
        "inline-flex min-h-10 items-center justify-center gap-2 rounded-lg px-4 py-2 font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55",
        KINDS[kind],
        className,
      )}
      {...rest}
    />
  );
}

/** A button that is an icon: its label is for those who do not see it, and for the pointer that rests. */
export function IconButton({
  label,
  className,
  type = "button",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={clsx(
        "inline-flex size-10 shrink-0 items-center justify-center rounded-full text-muted transition-colors hover:bg-hover hover:text-ink disabled:opacity-50",
        className,
      )}
      {...rest}
    />
  );
}
