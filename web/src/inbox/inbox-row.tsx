import { clsx } from "clsx";
import { AtSign, BellOff, Pin } from "lucide-react";
import type { InboxRow, OutMessage } from "../../../sdk/index.ts";
import { previewOf } from "../conversation/preview.ts";
import { Tick } from "../conversation/tick.tsx";
import { TypingNote } from "../conversation/typing-note.tsx";
import { useName } from "../data/people.ts";
import { useConversation } from "../data/use-conversation.ts";
import { useDraft } from "../data/use-draft.ts";
import { useObservable } from "../data/use-observable.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Link } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";
import { useLocale, useText } from "../text/text.tsx";
import { fullTime, shortTime } from "../text/times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { isQuiet } from "./arrange.ts";
import { muteText } from "./mute.ts";
import { ownStatus } from "./own-status.ts";
import { RowMenu } from "./row-actions.tsx";
import { useRowName } from "./row-name.ts";
import { useRowPicture } from "./row-picture.ts";

/** One conversation in the list. */
export function InboxRowItem({ row, isCurrent, now }: { row: InboxRow; isCurrent: boolean; now: number }) {
  const { client } = useSignedIn();
  const name = useRowName(row);
  const presence = useObservable(client.presence).get(row.peer?.user_id ?? "");
  const isUnread = row.unread_count > 0 || row.marked_unread;
  return (
    <div
      className={clsx(
        "group relative mx-2 flex h-[4.5rem] items-center rounded-xl transition-colors",
        isCurrent ? "bg-chosen" : "hover:bg-hover",
      )}
    >
      <Link
        href={pathOf(row.conversation_id)}
        data-hit
        aria-current={isCurrent ? "page" : undefined}
        className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-xl px-3"
      >
        <Avatar
          id={row.peer?.user_id ?? row.conversation_id}
          name={name}
          url={useRowPicture(row)}
          isGroup={row.type === "group"}
          isOnline={presence?.status === "online"}
        />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span dir="auto" className={clsx("truncate", isUnread ? "font-semibold" : "font-medium")}>
              {name || "…"}
            </span>
            <Marks row={row} now={now} />
            <RowTime row={row} isUnread={isUnread} now={now} />
          </span>
          <span className="mt-0.5 flex items-center gap-2">
            <span className="flex min-w-0 flex-1 items-center gap-1 text-sm text-muted">
              <Preview row={row} />
            </span>
            <Badges row={row} isUnread={isUnread} now={now} />
          </span>
        </span>
      </Link>
      <RowMenu row={row} name={name} now={now} />
    </div>
  );
}

function Marks({ row, now }: { row: InboxRow; now: number }) {
  const text = useText();
  const muted = muteText(row, text, useLocale(), now);
  return (
    <>
      {row.pinned && (
        <Pin role="img" aria-label={text.pinned} size={13} className="shrink-0 self-center text-muted" />
      )}
      {muted && (
        <BellOff role="img" aria-label={muted} size={13} className="shrink-0 self-center text-muted">
          <title>{muted}</title>
        </BellOff>
      )}
    </>
  );
}

function RowTime({ row, isUnread, now }: { row: InboxRow; isUnread: boolean; now: number }) {
  const text = useText();
  const language = useLocale();
  const at = row.last_message?.created_at ?? row.updated_at;
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={fullTime(language, at)}
      className={clsx(
        "ml-auto shrink-0 text-xs group-focus-within:opacity-0 group-hover:opacity-0 pointer-coarse:opacity-100",
        isUnread ? "font-semibold text-accent-ink" : "text-muted",
      )}
    >
      {shortTime(language, text, at, now)}
    </time>
  );
}

const MAX_COUNTED = 999;

function Badges({ row, isUnread, now }: { row: InboxRow; isUnread: boolean; now: number }) {
  const text = useText();
  const { unread_count, mention_count } = row;
  const shown = unread_count > MAX_COUNTED ? `${MAX_COUNTED}+` : unread_count || "";
  return (
    <>
      {mention_count > 0 && (
        <span className="flex size-5 items-center justify-center rounded-full bg-accent text-white">
          <AtSign role="img" aria-label={text.mentioned} size={12} />
        </span>
      )}
      {isUnread && (
        <span
          className={clsx(
            "flex h-5 min-w-5 items-center justify-center rounded-full px-1.5 text-xs font-semibold",
            isQuiet(row, now) ? "bg-muted text-surface" : "bg-accent text-white",
          )}
        >
          <span aria-hidden>{shown}</span>
          <span className="sr-only">{unread_count > 0 ? text.unread(unread_count) : text.markUnread}</span>
        </span>
      )}
    </>
  );
}

function Preview({ row }: { row: InboxRow }) {
  const text = useText();
  const { client, user_id } = useSignedIn();
  const draft = useDraft(row.conversation_id);
  const typing = useObservable(client.typing).get(row.conversation_id);
  const unsent = useObservable(client.unsent).findLast(
    (message) => message.conversation_id === row.conversation_id,
  );
  if (typing) return <TypingNote typing={typing} isGroup={row.type === "group"} />;
  if (draft.content.trim() !== "") {
    return (
      <>
        <span className="shrink-0 text-danger">{text.draft}:</span>
        <span dir="auto" className="truncate">
          {draft.content}
        </span>
      </>
    );
  }
  if (unsent) return <UnsentPreview message={unsent} />;
  if (row.last_message?.sender_id === user_id) return <OwnPreview row={row} />;
  if (!row.last_message) return null;
  return <PreviewOfOthers row={row} sender_id={row.last_message.sender_id} />;
}

function UnsentPreview({ message }: { message: OutMessage }) {
  const text = useText();
  return (
    <>
      <Tick status={message.failure ? "failed" : "pending"} />
      <span dir="auto" className="truncate">
        {previewOf({ ...message, deleted_at: null }, text)}
      </span>
    </>
  );
}

/** One's own last message, with how far it has got. */
function OwnPreview({ row }: { row: InboxRow }) {
  const text = useText();
  const { user_id } = useSignedIn();
  const { snapshot } = useConversation(row.conversation_id);
  const message = row.last_message;
  if (!message) return null;
  return (
    <>
      {message.deleted_at === null && <Tick status={ownStatus(snapshot, user_id, message.seq)} />}
      <span dir="auto" className="truncate">
        {previewOf(message, text)}
      </span>
    </>
  );
}

function PreviewOfOthers({ row, sender_id }: { row: InboxRow; sender_id: string }) {
  const text = useText();
  const sender = useName(row.type === "group" ? sender_id : null);
  if (!row.last_message) return null;
  return (
    <span dir="auto" className="truncate">
      {sender && <span className="text-ink">{sender}: </span>}
      {previewOf(row.last_message, text)}
    </span>
  );
}
