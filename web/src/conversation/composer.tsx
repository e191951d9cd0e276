import { Pencil, Reply, SendHorizontal, Smile, X } from "lucide-react";
import {
  type Dispatch,
  type KeyboardEvent,
  type SetStateAction,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { Conversation, ConversationSnapshot, ShownMessage, User } from "../../../sdk/index.ts";
import { readDraft, saveDraft } from "../data/drafts.ts";
import { useAction } from "../data/use-action.ts";
import { useOnArrival } from "../data/use-arrival.ts";
import { EmojiPopover } from "../emoji/emoji-popover.tsx";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { IconButton } from "../ui/button.tsx";
import { isComposing } from "../ui/input-method.ts";
import { MentionList, mentionOptionId } from "./mention-list.tsx";
import { completeMention } from "./mention-query.ts";
import { lastToEdit } from "./permissions.ts";
import { QuotedLines } from "./quote.tsx";
import { useMentions } from "./use-mentions.ts";

/** What is being written: something new, perhaps as an answer, or an own message anew. */
export interface Writing {
  readonly reply_to_seq: number | null;
  readonly edited: ShownMessage | null;
}

/** Where messages are written. What is begun is kept, until it is sent. */
export function Composer({
  conversation,
  snapshot,
  writing,
  onWriting,
}: {
  conversation: Conversation;
  snapshot: ConversationSnapshot;
  writing: Writing;
  onWriting: Dispatch<SetStateAction<Writing>>;
}) {
  const text = useText();
  const { user_id } = useSignedIn();
  const { run } = useAction();
  const { conversation_id } = conversation;
  const { reply_to_seq, edited } = writing;
  const [content, setContent] = useState(() => readDraft(user_id, conversation_id).content);
  const field = useRef<HTMLTextAreaElement>(null);
  const mentions = useMentions(snapshot, content, field.current?.selectionStart ?? content.length);
  useGrowing(field, content);

  // An edit has the field for itself; the draft comes back afterwards.
  useEffect(() => {
    setContent(edited ? edited.content : readDraft(user_id, conversation_id).content);
    const area = field.current;
    if (edited && area)
      requestAnimationFrame(() => area.setSelectionRange(area.value.length, area.value.length));
  }, [edited, user_id, conversation_id]);
  useEffect(() => {
    if (edited !== null || reply_to_seq !== null) field.current?.focus();
  }, [edited, reply_to_seq]);
  // On a phone the keyboard would cover what one came to read.
  useOnArrival(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  });

  const write = (next: string) => {
    setContent(next);
    if (edited) return;
    saveDraft(user_id, conversation_id, { content: next, reply_to_seq });
    if (next.trim() !== "") conversation.setTyping(true);
  };
  // Back to what was begun before; unless something else is being written by now.
  const endEdit = () => {
    const draft = readDraft(user_id, conversation_id);
    const begun = { reply_to_seq: draft.reply_to_seq, edited: null };
    onWriting((now) => (now.edited === edited ? begun : now));
  };
  const stop = () => {
    if (edited) return endEdit();
    saveDraft(user_id, conversation_id, { content, reply_to_seq: null });
    onWriting({ reply_to_seq: null, edited: null });
  };
  const send = () => {
    const written = content.trim();
    if (written === "") return;
    void run(async () => {
      if (edited?.message_id) {
        if (written !== edited.content) await conversation.edit(edited.message_id, written);
        endEdit();
      } else {
        conversation.send(written, { reply_to_seq });
        saveDraft(user_id, conversation_id, { content: "", reply_to_seq: null });
        setContent("");
        onWriting({ reply_to_seq: null, edited: null });
      }
    });
    field.current?.focus();
  };
  const replace = (next: string, caret: number) => {
    write(next);
    field.current?.focus();
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
  };
  const complete = (user: User) => {
    if (!mentions.query) return;
    const completed = completeMention(content, mentions.query, user.username);
    replace(completed.content, completed.caret);
  };
  const insert = (emoji: string) => {
    const { selectionStart: from = content.length, selectionEnd: to = content.length } = field.current ?? {};
    replace(content.slice(0, from) + emoji + content.slice(to), from + emoji.length);
  };
  const editLast = () => {
    const last = lastToEdit(snapshot);
    if (last) onWriting({ reply_to_seq: null, edited: last });
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) return;
    const act =
      mentions.keyAction(event, complete) ?? ownKeyAction(event, { content, writing, send, stop, editLast });
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  return (
    <form
      className="relative border-t border-line bg-surface px-3 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))] sm:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {mentions.shown.length > 0 && (
        <MentionList
          id={mentions.id}
          conversation_id={conversation_id}
          users={mentions.shown}
          active={mentions.active}
          onChoose={complete}
        />
      )}
      <WritingBar conversation_id={conversation_id} writing={writing} onStop={stop} />
      <div className="flex items-end gap-1 sm:gap-2">
        <EmojiPopover
          label={text.emoji}
          onChoose={insert}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            field.current?.focus();
          }}
          trigger={
            <IconButton label={text.emoji} className="size-11">
              <Smile aria-hidden size={22} />
            </IconButton>
          }
        />
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={content}
          aria-label={text.messagePlaceholder}
          placeholder={text.messagePlaceholder}
          aria-autocomplete="list"
          {...(mentions.shown.length > 0 && {
            "aria-controls": mentions.id,
            "aria-activedescendant": mentionOptionId(mentions.id, mentions.active),
          })}
          onChange={(event) => write(event.target.value)}
          onSelect={mentions.look}
          onKeyDown={press}
          className="max-h-[40dvh] min-h-11 flex-1 resize-none rounded-2xl border border-control bg-page px-4 py-2.5 placeholder:text-muted focus-visible:border-accent-ink focus-visible:outline-1 focus-visible:outline-offset-0"
        />
        <IconButton
          type="submit"
          label={edited ? text.save : text.send}
          disabled={content.trim() === ""}
          className="size-11 bg-accent text-white hover:bg-accent-strong hover:text-white"
        >
          <SendHorizontal aria-hidden size={20} className="rtl:-scale-x-100" />
        </IconButton>
      </div>
    </form>
  );
}

function ownKeyAction(
  event: KeyboardEvent,
  does: { content: string; writing: Writing; send: () => void; stop: () => void; editLast: () => void },
): (() => void) | null {
  const { key, shiftKey } = event;
  if (key === "Enter" && !shiftKey && !matchMedia("(pointer: coarse)").matches) return does.send;
  const isBusy = does.writing.edited !== null || does.writing.reply_to_seq !== null;
  if (key === "Escape" && isBusy) return does.stop;
  return key === "ArrowUp" && does.content === "" && !isBusy ? does.editLast : null;
}

/** Says what is being written, when it is not simply a new message. */
function WritingBar({
  conversation_id,
  writing: { reply_to_seq, edited },
  onStop,
}: {
  conversation_id: string;
  writing: Writing;
  onStop: () => void;
}) {
  const text = useText();
  if (reply_to_seq === null && edited === null) return null;
  const Icon = edited ? Pencil : Reply;
  return (
    <div className="mb-2 flex items-center gap-3 rounded-lg border-l-3 border-accent bg-page px-3 py-1.5 text-sm">
      <Icon aria-hidden size={18} className="shrink-0 text-accent-ink" />
      <div className="min-w-0 flex-1">
        {edited ? (
          <>
            <span className="block font-semibold text-accent-ink">{text.editing}</span>
            <span dir="auto" className="block truncate text-muted">
              {edited.content}
            </span>
          </>
        ) : (
          reply_to_seq !== null && <QuotedLines conversation_id={conversation_id} seq={reply_to_seq} />
        )}
      </div>
      <IconButton label={text.cancel} onClick={onStop} className="size-8">
        <X aria-hidden size={18} />
      </IconButton>
    </div>
  );
}

/** As high as its text, up to what the style allows. */
function useGrowing(field: { readonly current: HTMLTextAreaElement | null }, content: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content makes the height.
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [field, content]);
}
