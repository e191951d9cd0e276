import type { SearchHit } from "../../../sdk/index.ts";
import { snippetOf } from "./snippet.ts";

/** A message around what was found in it, which is marked. */
export function Highlighted({ hit }: { hit: SearchHit }) {
  return snippetOf(hit).map(({ text, isFound }, index) => {
    const key = `${index} ${isFound}`;
    if (!isFound) return <span key={key}>{text}</span>;
    return (
      <mark key={key} className="rounded-sm bg-found px-0.5 text-ink">
        {text}
      </mark>
    );
  });
}
