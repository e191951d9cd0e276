import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { MessageCircle, MessageSquarePlus, Search, Settings, Users, UsersRound, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { InboxRow, User } from "../../../sdk/index.ts";
import { learnUsers } from "../data/people.ts";
import { useNow } from "../data/use-now.ts";
import { useObservable } from "../data/use-observable.ts";
import { whenSyncedAgain } from "../data/when-synced-again.ts";
import { useStepping } from "../search/use-stepping.ts";
import { useSignedIn } from "../shell/context.tsx";
import { openDialog } from "../shell/dialogs.ts";
import { Link, useRoute } from "../shell/navigation.tsx";
import { useText } from "../text/text.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { isComposing } from "../ui/input-method.ts";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { lazily, Part } from "../ui/part.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { arrange, type InboxView, viewOf } from "./arrange.ts";
import { InboxRowItem } from "./inbox-row.tsx";
import { useRowNames } from "./row-name.ts";

const SearchResults = lazily(async () => (await import("../search/search-results.tsx")).SearchResults);

export const SEARCH_ID = "chat-search";

/** The list of conversations, with everything that leads elsewhere. */
export function InboxPane() {
  const text = useText();
  const { client, familiarChats } = useSignedIn();
  const { rows, isLoaded } = useObservable(client.inbox);
  const [chosen, setView] = useState<InboxView>("inbox");
  const [filter, setFilter] = useState("");
  const nameOfRow = useRowNames();
  useLearnPeers(rows);
  useEffect(() => familiarChats.learnFromInbox(rows), [familiarChats, rows]);
  const counts = countViews(rows);
  const view = counts[chosen] > 0 ? chosen : "inbox";
  const shown = arrange(rows, view, filter, nameOfRow);
  return (
    <div ref={useStepping<HTMLDivElement>()} className="flex h-full flex-col">
      <header className="flex items-center gap-1 px-3 pt-3 pb-2">
        <h1 className="mr-auto pl-2 text-xl font-semibold">{text.chats}</h1>
        <HeaderLink href="/people" label={text.people} icon={UsersRound} count={useIncoming()} />
        <HeaderLink href="/settings" label={text.settings} icon={Settings} />
        <Menu
          trigger={
            <IconButton
              label={text.newChat}
              className="bg-accent text-white hover:bg-accent-strong hover:text-white"
            >
              <MessageSquarePlus aria-hidden size={20} />
            </IconButton>
          }
        >
          <MenuItem icon={MessageCircle} onSelect={() => openDialog("new_chat")}>
            {text.newChat}
          </MenuItem>
          <MenuItem icon={Users} onSelect={() => openDialog("new_group")}>
            {text.newGroup}
          </MenuItem>
        </Menu>
      </header>
      <search className="relative block px-4 pb-2">
        <Search aria-hidden size={16} className="absolute top-3 left-7 text-muted" />
        <input
          id={SEARCH_ID}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || filter === "" || isComposing(event.nativeEvent)) return;
            event.preventDefault();
            setFilter("");
          }}
          placeholder={text.filterChats}
          aria-label={text.filterChats}
          className="min-h-10 w-full rounded-full border border-transparent bg-page px-3 py-2 pl-9 text-ink placeholder:text-muted [&::-webkit-search-cancel-button]:hidden"
        />
        {filter !== "" && (
          <IconButton
            label={text.close}
            onClick={() => setFilter("")}
            className="absolute top-0.5 right-5 size-9"
          >
            <X aria-hidden size={16} />
          </IconButton>
        )}
      </search>
      {filter === "" && (counts.archived > 0 || counts.requests > 0) && (
        <ViewChips view={view} counts={counts} onChoose={setView} />
      )}
      {filter.trim() !== "" ? (
        <Part loading={<Rows rows={shown} />}>
          <SearchResults typed={filter} chats={shown} />
        </Part>
      ) : shown.length > 0 ? (
        <Rows rows={shown} />
      ) : isLoaded ? (
        <NoRows />
      ) : (
        <Loading />
      )}
    </div>
  );
}

/** How many would like to be friends. */
function useIncoming(): number {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  useEffect(() => {
    const askAgain = () => void queries.invalidateQueries({ queryKey: ["people"] });
    // What happened without a connection is not told afterwards.
    const cancels = [client.on("friend", askAgain), whenSyncedAgain(client.connection, askAgain)];
    return () => {
      for (const cancel of cancels) cancel();
    };
  }, [client, queries]);
  const { data } = useQuery({
    queryKey: ["people", "incoming"],
    queryFn: () => client.api.friends({ status: "incoming", limit: 100 }),
  });
  return data?.items.length ?? 0;
}

function HeaderLink({
  href,
  label,
  icon: Icon,
  count = 0,
}: {
  href: string;
  label: string;
  icon: typeof Settings;
  count?: number;
}) {
  const isCurrent = location.pathname === href;
  useRoute();
  return (
    <Link
      href={href}
      aria-label={count > 0 ? `${label} (${count})` : label}
      title={label}
      aria-current={isCurrent ? "page" : undefined}
      className={clsx(
        "relative inline-flex size-10 items-center justify-center rounded-full hover:bg-hover hover:text-ink",
        isCurrent ? "bg-chosen text-accent-ink" : "text-muted",
      )}
    >
      <Icon aria-hidden size={20} />
      {count > 0 && (
        <span
          aria-hidden
          className="absolute top-0 right-0 flex h-4 min-w-4 items-center justify-center rounded-full bg-accent px-1 text-[0.6875rem] font-semibold text-white"
        >
          {count}
        </span>
      )}
    </Link>
  );
}

function ViewChips({
  view,
  counts,
  onChoose,
}: {
  view: InboxView;
  counts: Record<InboxView, number>;
  onChoose: (view: InboxView) => void;
}) {
  const text = useText();
  const views = (["inbox", "requests", "archived"] as const).filter(
    (name) => name === "inbox" || counts[name] > 0,
  );
  return (
    <div className="flex gap-2 px-4 pb-2">
      {views.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === view}
          onClick={() => onChoose(name)}
          className={clsx(
            "rounded-full border px-3 py-1 text-sm",
            name === view
              ? "border-transparent bg-chosen text-accent-ink"
              : "border-line text-muted hover:bg-hover",
          )}
        >
          {text[name]}
          {name !== "inbox" && ` ${counts[name]}`}
        </button>
      ))}
    </div>
  );
}

const ROW_HEIGHT = 74;
const MINUTE = 60_000;

function Rows({ rows }: { rows: readonly InboxRow[] }) {
  const text = useText();
  const route = useRoute();
  const now = useNow(MINUTE);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.conversation_id ?? index,
    overscan: 6,
  });
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto pb-4">
      <ul aria-label={text.chats} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const isCurrent = route.name === "conversation" && route.conversation_id === row.conversation_id;
          return (
            <li
              key={key}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              <InboxRowItem row={row} isCurrent={isCurrent} now={now} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function NoRows() {
  const text = useText();
  return (
    <Empty icon={MessageCircle} title={text.noChats} hint={text.noChatsHint}>
      <Button kind="primary" className="mt-3" onClick={() => openDialog("new_chat")}>
        {text.newChat}
      </Button>
    </Empty>
  );
}

function countViews(rows: readonly InboxRow[]): Record<InboxView, number> {
  const counts = { inbox: 0, archived: 0, requests: 0 };
  for (const row of rows) counts[viewOf(row)]++;
  return counts;
}

/** Rows that were fetched bring whole profiles. */
function useLearnPeers(rows: readonly InboxRow[]): void {
  const queries = useQueryClient();
  useEffect(() => {
    const known = rows.flatMap(({ peer }) => (peer && isWhole(peer) ? [peer] : []));
    learnUsers(
      queries,
      known.filter(({ user_id }) => queries.getQueryData(["user", user_id]) === undefined),
    );
  }, [rows, queries]);
}

function isWhole(peer: NonNullable<InboxRow["peer"]>): peer is User {
  const { username, display_name, avatar_url, status_text } = peer;
  return ![username, display_name, avatar_url, status_text].includes(undefined);
}
