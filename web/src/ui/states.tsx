import { LoaderCircle, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { errorText, useText } from "../text/text.tsx";
import { Button } from "./button.tsx";

export function Loading() {
  const text = useText();
  return (
    <div role="status" className="flex flex-1 items-center justify-center p-8 text-muted">
      <LoaderCircle aria-hidden className="animate-spin" />
      <span className="sr-only">{text.loading}</span>
    </div>
  );
}

/** A place where there is nothing to show, and what to do about it. */
export function Empty({
  icon: Icon,
  title,
  hint,
  children,
}: {
  icon: LucideIcon;
  title: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center">
      <span className="mb-2 flex size-14 items-center justify-center rounded-full bg-chosen text-accent-ink">
        <Icon aria-hidden size={26} />
      </span>
      <p className="text-base font-semibold">{title}</p>
      {hint && <p className="max-w-xs text-muted">{hint}</p>}
      {children}
    </div>
  );
}

export function Failed({
  error,
  onRetry,
  children,
}: {
  error: unknown;
  onRetry: () => void;
  /** Other ways out. */
  children?: ReactNode;
}) {
  const text = useText();
  return (
    <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 p-8 text-center">
      <TriangleAlert aria-hidden className="text-danger" />
      <p>{errorText(text, error)}</p>
      <Button onClick={onRetry}>{text.retry}</Button>
      {children}
    </div>
  );
}
