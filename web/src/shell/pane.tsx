import type { ReactNode } from "react";
import { useArrival } from "../data/use-arrival.ts";
import { BackLink } from "./back-link.tsx";

/** A page beside the list, or instead of it where there is no room. */
export function Pane({ title, children }: { title: string; children: ReactNode }) {
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <section aria-label={title} className="flex min-w-0 flex-1 flex-col">
      <header className="flex min-h-16 items-center gap-2 border-b border-line bg-surface px-2 sm:px-6">
        <BackLink />
        <h2 ref={heading} tabIndex={-1} className="text-lg font-semibold outline-none">
          {title}
        </h2>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex max-w-2xl flex-col gap-4 p-4 pb-12 sm:p-6">{children}</div>
      </div>
    </section>
  );
}

export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <h3 className="mb-2 font-semibold">{title}</h3>
      {children}
    </section>
  );
}
