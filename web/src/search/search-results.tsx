import { SearchX } from "lucide-react";
import type { InboxRow, SearchHit } from "../../../sdk/index.ts";
import { useName } from "../data/people.ts";
import { useNow } from "../data/use-now.ts";
import { useObservable } from "../data/use-observable.ts";
import { InboxRowItem } from "../inbox/inbox-row.tsx";
import { useRowName } from "../inbox/row-name.ts";
import { useRowPicture } from "../inbox/row-picture.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Link, useRoute } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Empty } from "../ui/states.tsx";
import { HitText } from "./hit-text.tsx";
import { MessageHits } from "./message-hits.tsx";
import { useMessageSearch } from "./use-message-search.ts";

const MINUTE = 60_000;
const MAX_CHATS = 20;

/** What the field above the list of chats has found: chats by their names, and messages of all of them. */
export function SearchResults({ typed, chats }: { typed: string; chats: readonly InboxRow[] }) {
  const text = useText();
  const route = useRoute();
  const now = useNow(MINUTE);
  const search = useMessageSearch(typed, null);
  const heading = "px-5 pt-3 pb-1 text-sm font-semibold text-muted";
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto pb-4">
      {chats.length > 0 && (
        <section aria-label={text.foundChats}>
          <h2 className={heading}>{text.foundChats}</h2>
          <ul>
            {chats.slice(0, MAX_CHATS).map((row) => (
              <li key={row.conversation_id}>
                <InboxRowItem
                  row={row}
                  isCurrent={route.name === "conversation" && route.conversation_id === row.conversation_id}
                  now={now}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      {search.isSearchable || search.isWaiting ? (
        <section aria-label={text.foundMessages} className="flex flex-1 flex-col">
          <h2 className={heading}>{text.foundMessages}</h2>
          <div className="flex flex-1 flex-col px-2">
            <MessageHits search={search}>{(hit) => <Hit hit={hit} />}</MessageHits>
          </div>
        </section>
      ) : (
        chats.length === 0 && <Empty icon={SearchX} title={text.noMatches} />
      )}
    </div>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  const text = useText();
  const { client, user_id } = useSignedIn();
  const { conversation_id, sender_id, seq } = hit.message;
  const { rows } = useObservable(client.inbox);
  const row = rows.find((one) => one.conversation_id === conversation_id) ?? null;
  const name = useRowName(row);
  const sender = useName(row?.type === "group" && sender_id !== user_id ? sender_id : null);
  const who = sender_id === user_id ? text.you : sender;
  return (
    <Link
      href={pathOf(conversation_id, seq)}
      data-hit
      className="flex items-center gap-3 rounded-xl px-3 py-2 hover:bg-hover"
    >
      <Avatar
        id={row?.peer?.user_id ?? conversation_id}
        name={name}
        url={useRowPicture(row)}
        isGroup={row?.type === "group"}
      />
      <HitText hit={hit} title={name} who={who} />
    </Link>
  );
}
