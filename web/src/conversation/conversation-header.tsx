import { useQuery } from "@tanstack/react-query";
import { EllipsisVertical, Info, Search } from "lucide-react";
import type { ConversationDetails, ConversationSnapshot, Presence } from "../../../sdk/index.ts";
import { MIN_COUNTED_MEMBERS } from "../../../src/protocol/counted-members.ts";
import { useProfile } from "../data/people.ts";
import { useNow } from "../data/use-now.ts";
import { useObservable } from "../data/use-observable.ts";
import { RowActions } from "../inbox/row-actions.tsx";
import { useRowPicture } from "../inbox/row-picture.ts";
import { BackLink } from "../shell/back-link.tsx";
import { useSignedIn } from "../shell/context.tsx";
import type { Catalogue } from "../text/en.ts";
import { useLocale, useText } from "../text/text.tsx";
import { clockTime, daysBetween, shortTime } from "../text/times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { TypingNote } from "./typing-note.tsx";

const MINUTE = 60_000;
/** The server counts no more often. */
const ONLINE_MS = 30_000;

/** Whom one talks to, and how they are. */
export function ConversationHeader({
  snapshot,
  name,
  onDetails,
  onSearch,
}: {
  snapshot: ConversationSnapshot;
  name: string;
  onDetails: () => void;
  onSearch: () => void;
}) {
  const text = useText();
  const { client } = useSignedIn();
  const now = useNow(MINUTE);
  const { row, details, conversation_id } = snapshot;
  const isGroup = (row?.type ?? details?.type) === "group";
  const peer_id = row?.peer?.user_id ?? details?.peer_id ?? null;
  const presence = useObservable(client.presence).get(peer_id ?? "");
  return (
    <header className="flex min-h-16 items-center gap-1 border-b border-line bg-surface px-2 sm:px-4">
      <BackLink />
      <button
        type="button"
        onClick={onDetails}
        className="flex min-w-0 flex-1 items-center gap-3 rounded-xl px-1 py-1.5 text-left"
      >
        <Avatar
          id={peer_id ?? conversation_id}
          name={name}
          url={useRowPicture(row)}
          isGroup={isGroup}
          isOnline={presence?.status === "online"}
        />
        <span className="min-w-0 flex-1">
          <span dir="auto" className="block truncate font-semibold">
            {name || "…"}
          </span>
          <span className="block h-5 truncate text-sm text-muted">
            <Subtitle snapshot={snapshot} peer_id={peer_id} presence={presence} now={now} />
          </span>
        </span>
      </button>
      <IconButton label={text.searchHere} onClick={onSearch}>
        <Search aria-hidden size={20} />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={text.chatActions(name)}>
            <EllipsisVertical aria-hidden size={20} />
          </IconButton>
        }
      >
        <MenuItem icon={Info} onSelect={onDetails}>
          {text.details}
        </MenuItem>
        {row && <RowActions row={row} now={now} />}
      </Menu>
    </header>
  );
}

function Subtitle({
  snapshot,
  peer_id,
  presence,
  now,
}: {
  snapshot: ConversationSnapshot;
  peer_id: string | null;
  presence: Presence | undefined;
  now: number;
}) {
  const { typing, details } = snapshot;
  if (typing.length > 0) return <TypingNote typing={typing} isGroup={details?.type === "group"} />;
  if (peer_id === null) return details ? <GroupNote details={details} /> : "";
  return <PeerNote peer_id={peer_id} presence={presence} now={now} />;
}

/** How many there are, and how many of them are here besides the user. */
function GroupNote({ details }: { details: ConversationDetails }) {
  const text = useText();
  const { client } = useSignedIn();
  const { conversation_id, member_count } = details;
  const isCounted = member_count >= MIN_COUNTED_MEMBERS;
  const { data } = useQuery({
    queryKey: ["online", conversation_id],
    queryFn: () => client.api.onlineCount(conversation_id),
    enabled: isCounted,
    refetchInterval: ONLINE_MS,
    staleTime: ONLINE_MS,
  });
  const online_count = isCounted ? (data?.online_count ?? 0) : 0;
  return [text.members(member_count), online_count > 1 && text.onlineCount(online_count)]
    .filter(Boolean)
    .join(", ");
}

function PeerNote({
  peer_id,
  presence,
  now,
}: {
  peer_id: string;
  presence: Presence | undefined;
  now: number;
}) {
  const text = useText();
  const language = useLocale();
  const { client } = useSignedIn();
  const peer = useProfile(peer_id);
  // Only who is there announces itself; when the others were here is told to friends who ask.
  const { data: asked } = useQuery({
    queryKey: ["presence", peer_id],
    queryFn: () => client.api.presence(peer_id),
    enabled: presence === undefined,
  });
  const known = presence ?? asked;
  const how = known && presenceText(known, text, language, now);
  const said = known?.status_text || peer?.status_text;
  return [how ?? (peer ? `@${peer.username}` : ""), said].filter(Boolean).join(" · ");
}

function presenceText(
  { status, last_seen_at }: Presence,
  text: Catalogue,
  language: string,
  now: number,
): string | null {
  if (status !== "offline") return text[status];
  if (last_seen_at === null) return null;
  const days = daysBetween(last_seen_at, now);
  const time = clockTime(language, last_seen_at);
  const day = shortTime(language, text, last_seen_at, now);
  return text.lastSeen(days === 0 ? time : days < 7 ? `${day} ${time}` : day);
}
