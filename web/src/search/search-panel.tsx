import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { SearchHit } from "../../../sdk/index.ts";
import { useName, useUser } from "../data/people.ts";
import { useConversation } from "../data/use-conversation.ts";
import { useIsFamiliar } from "../data/use-familiar.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useCover } from "../ui/covers.ts";
import { INPUT } from "../ui/field.tsx";
import { isComposing } from "../ui/input-method.ts";
import { Empty } from "../ui/states.tsx";
import { HitText } from "./hit-text.tsx";
import { MessageHits } from "./message-hits.tsx";
import { useMessageSearch } from "./use-message-search.ts";
import { useStepping } from "./use-stepping.ts";

/** Where there is room for it beside the messages: as its style has it. */
const ROOM = "(min-width: 64rem)";

/** Looks for messages of one conversation, beside it: whoever goes to one sees the others still. */
export function SearchPanel({
  conversation_id,
  onJump,
  onClose,
}: {
  conversation_id: string;
  onJump: (seq: number) => void;
  onClose: () => void;
}) {
  const text = useText();
  const [typed, setTyped] = useState("");
  const search = useMessageSearch(typed, conversation_id);
  const { row } = useConversation(conversation_id).snapshot;
  const hasPictures = useIsFamiliar(conversation_id, row?.peer?.user_id ?? null);
  const isBeside = useCover(ROOM, onClose);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const jump = ({ message }: SearchHit) => {
    onJump(message.seq);
    if (!isBeside) onClose();
  };
  return (
    <search
      ref={useStepping<HTMLElement>()}
      aria-label={text.searchHere}
      className="absolute inset-0 z-30 flex flex-col bg-surface lg:static lg:w-88 lg:shrink-0 lg:border-l lg:border-line"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || isComposing(event.nativeEvent)) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="flex items-center gap-1 border-b border-line p-2 pl-4">
        <div className="relative flex-1">
          <Search aria-hidden size={16} className="absolute top-3 left-3 text-muted" />
          <input
            ref={field}
            type="search"
            value={typed}
            maxLength={200}
            dir="auto"
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={({ key, nativeEvent }) => {
              const first = search.hits[0];
              const isReady = first && !search.isWaiting && !isComposing(nativeEvent);
              if (key === "Enter" && isReady) jump(first);
            }}
            aria-label={text.searchHere}
            placeholder={text.searchMessages}
            className={`${INPUT} min-h-10 pl-9 [&::-webkit-search-cancel-button]:hidden`}
          />
        </div>
        <IconButton label={text.close} onClick={onClose}>
          <X aria-hidden size={20} />
        </IconButton>
      </div>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto p-2">
        {typed.trim() === "" ? (
          <Empty icon={Search} title={text.searchHere} hint={text.searchHint} />
        ) : (
          <MessageHits search={search}>
            {(hit) => <Hit hit={hit} hasPicture={hasPictures} onChoose={() => jump(hit)} />}
          </MessageHits>
        )}
      </div>
    </search>
  );
}

function Hit({ hit, hasPicture, onChoose }: { hit: SearchHit; hasPicture: boolean; onChoose: () => void }) {
  const text = useText();
  const { user_id } = useSignedIn();
  const { sender_id } = hit.message;
  const name = useName(sender_id);
  const sender = useUser(sender_id);
  return (
    <button
      type="button"
      data-hit
      onClick={onChoose}
      className="flex w-full items-start gap-3 rounded-xl p-2 text-left hover:bg-hover"
    >
      <Avatar id={sender_id} name={name} url={hasPicture ? sender?.avatar_url : null} size="small" />
      <HitText hit={hit} title={sender_id === user_id ? text.you : name} />
    </button>
  );
}
