import { clsx } from "clsx";
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";

/** Shape and colour of the text; width, frame and ground are for each to say. */
export const CONTROL =
  "rounded-lg border px-3 py-2 text-ink placeholder:text-muted focus-visible:outline-offset-0 disabled:opacity-60";
export const INPUT = `${CONTROL} w-full border-control bg-surface`;

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

/** An input with its label above and what to know of it below. */
export function TextField({
  label,
  hint,
  error,
  after,
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & Labelled & { after?: ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          className={clsx(INPUT, "min-h-11", after && "pr-12", error && "border-danger")}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          {...rest}
        />
        {after && <div className="absolute inset-y-0 right-1 flex items-center">{after}</div>}
      </div>
      {note && (
        <p id={`${id}-note`} className={clsx("mt-1 text-sm", error ? "text-danger" : "text-muted")}>
          {note}
        </p>
      )}
    </div>
  );
}

export function SelectField({
  label,
  hint,
  children,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement> & Labelled) {
  const id = useId();
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <label htmlFor={id}>
        {label}
        {hint && <span className="block text-sm text-muted">{hint}</span>}
      </label>
      <select id={id} className={`${CONTROL} min-h-10 border-control bg-surface`} {...rest}>
        {children}
      </select>
    </div>
  );
}
