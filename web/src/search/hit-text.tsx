import type { SearchHit } from "../../../sdk/index.ts";
import { useNow } from "../data/use-now.ts";
import { useLocale, useText } from "../text/text.tsx";
import { shortTime } from "../text/times.ts";
import { Highlighted } from "./highlighted.tsx";

/** What a search has found, under a title; `who` said it, if the title does not tell. */
export function HitText({ hit, title, who }: { hit: SearchHit; title: string; who?: string | null }) {
  const text = useText();
  const language = useLocale();
  const now = useNow(60_000);
  const { created_at } = hit.message;
  return (
    <span className="min-w-0 flex-1">
      <span className="flex items-baseline gap-2">
        <span dir="auto" className="truncate font-medium">
          {title || "…"}
        </span>
        <time dateTime={new Date(created_at).toISOString()} className="ml-auto shrink-0 text-xs text-muted">
          {shortTime(language, text, created_at, now)}
        </time>
      </span>
      <span dir="auto" className="line-clamp-2 text-sm wrap-anywhere text-muted">
        {who && <span className="text-ink">{who}: </span>}
        <Highlighted hit={hit} />
      </span>
    </span>
  );
}
