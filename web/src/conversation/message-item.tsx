import { clsx } from "clsx";
import { Forward, Pin } from "lucide-react";
import { memo } from "react";
import type { ConversationDetails, ShownMessage } from "../../../sdk/index.ts";
import { useName, useUser } from "../data/people.ts";
import { useIsFamiliarChat } from "../data/use-familiar.ts";
import { useLocale, useText } from "../text/text.tsx";
import { clockTime, fullTime } from "../text/times.ts";
import { Avatar } from "../ui/avatar.tsx";
import { colourOf } from "../ui/initials.ts";
import { MessageActions } from "./message-actions.tsx";
import type { MessageCommands } from "./message-commands.ts";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { RichText } from "./rich-text.tsx";
import { Tick } from "./tick.tsx";

interface MessageItemProps {
  readonly message: ShownMessage;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isMarked: boolean;
  readonly details: ConversationDetails | null;
  readonly commands: MessageCommands;
}

/** One message, with whose it is, how far it has got and what can be done with it. */
export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, isFirst, isLast, isMarked, details, commands } = props;
  const text = useText();
  const { mine } = message;
  const isOfOthers = details?.type === "group" && !mine;
  const sender_id = isOfOthers ? message.sender_id : null;
  const name = useName(sender_id);
  const sender = useUser(sender_id);
  const hasPicture = useIsFamiliarChat(message.conversation_id);
  return (
    <article
      data-message={message.key}
      data-marked={isMarked || undefined}
      className={clsx(
        "group flex items-end gap-2 px-3 transition-colors sm:px-6",
        // Below, not above: what is loaded above later must not change the height of what is here.
        isLast ? "pb-2.5" : "pb-0.5",
        mine && "flex-row-reverse",
        isMarked && "bg-chosen",
      )}
    >
      {isOfOthers && (
        <span className="w-8 shrink-0">
          {isLast && (
            <Avatar
              id={message.sender_id}
              name={name}
              url={hasPicture ? sender?.avatar_url : null}
              size="small"
            />
          )}
        </span>
      )}
      <div
        className={clsx("flex max-w-[min(38rem,82%)] min-w-0 flex-col", mine ? "items-end" : "items-start")}
      >
        <div className={bubbleClass(props)}>
          {isFirst && isOfOthers && (
            <p dir="auto" className={`sender-${colourOf(message.sender_id)} truncate text-sm font-semibold`}>
              {name || "…"}
            </p>
          )}
          {mine && <span className="sr-only">{text.you}:</span>}
          <Body message={message} commands={commands} />
        </div>
        <Reactions message={message} commands={commands} />
        {message.status === "failed" && <FailedNote message={message} commands={commands} />}
      </div>
      <MessageActions message={message} details={details} commands={commands} />
    </article>
  );
});

/** What one person said in a row hangs together: the corners in between are sharper. */
function bubbleClass({ message: { mine }, isFirst, isLast }: MessageItemProps): string {
  return clsx(
    "max-w-full rounded-2xl px-3 py-1.5 shadow-xs",
    mine ? "bg-mine" : "bg-theirs",
    !isFirst && (mine ? "rounded-tr-md" : "rounded-tl-md"),
    !isLast && (mine ? "rounded-br-md" : "rounded-bl-md"),
  );
}

function Body({ message, commands }: { message: ShownMessage; commands: MessageCommands }) {
  const text = useText();
  if (message.deleted_at !== null) {
    return (
      <p className="text-muted italic">
        {text.deletedMessage}
        <Meta message={message} />
      </p>
    );
  }
  return (
    <>
      {message.forwarded_from && <ForwardedNote user_id={message.forwarded_from.user_id} />}
      {message.reply_to_seq !== null && (
        <Quote
          conversation_id={message.conversation_id}
          seq={message.reply_to_seq}
          onJump={commands.jumpTo}
        />
      )}
      <div dir="auto" className="min-w-0 wrap-anywhere whitespace-pre-wrap">
        <RichText content={message.content} mentions={message.mentions} />
        <Meta message={message} />
      </div>
    </>
  );
}

function ForwardedNote({ user_id }: { user_id: string }) {
  const text = useText();
  const name = useName(user_id);
  return (
    <p className="flex items-center gap-1 text-sm text-muted">
      <Forward aria-hidden size={14} />
      {text.forwarded}
      {name && <span dir="auto">· {name}</span>}
    </p>
  );
}

/** When it was said and what became of it, at the end of the last line. */
function Meta({ message }: { message: ShownMessage }) {
  const text = useText();
  const language = useLocale();
  const { created_at, edited_at, pinned_at, deleted_at, status } = message;
  return (
    <span className="relative top-1 float-right ml-3 inline-flex items-center gap-1 text-xs text-muted not-italic select-none">
      {pinned_at !== undefined && <Pin role="img" aria-label={text.pinned} size={12} />}
      {edited_at !== null && deleted_at === null && <span>{text.edited}</span>}
      <time dateTime={new Date(created_at).toISOString()} title={fullTime(language, created_at)}>
        {clockTime(language, created_at)}
      </time>
      {status !== null && deleted_at === null && <Tick status={status} />}
    </span>
  );
}

function FailedNote({ message, commands }: { message: ShownMessage; commands: MessageCommands }) {
  const text = useText();
  const code = message.failure?.code ?? "";
  const errors: Readonly<Record<string, string>> = text.errors;
  const button = "rounded px-1 py-1 font-medium underline-offset-2 hover:underline";
  return (
    <p className="mt-0.5 flex flex-wrap items-center justify-end gap-x-2 text-sm text-danger">
      {errors[code] ?? text.sendingFailed}
      <button type="button" className={`${button} text-accent-ink`} onClick={() => commands.retry(message)}>
        {text.retry}
      </button>
      <button type="button" className={`${button} text-muted`} onClick={() => commands.discard(message)}>
        {text.discard}
      </button>
    </p>
  );
}
