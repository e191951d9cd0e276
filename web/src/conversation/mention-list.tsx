import { clsx } from "clsx";
import type { User } from "../../../sdk/index.ts";
import { nameOf } from "../data/people.ts";
import { useIsFamiliarChat } from "../data/use-familiar.ts";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";

export function mentionOptionId(list_id: string, index: number): string {
  return `${list_id}-${index}`;
}

/** The members whom a name that is being written may mean; the field keeps the focus. */
export function MentionList({
  id,
  conversation_id,
  users,
  active,
  onChoose,
}: {
  id: string;
  conversation_id: string;
  users: readonly User[];
  active: number;
  onChoose: (user: User) => void;
}) {
  const text = useText();
  const hasPictures = useIsFamiliarChat(conversation_id);
  return (
    <div
      id={id}
      role="listbox"
      aria-label={text.mentionSuggestions}
      className="animate-appear absolute bottom-full left-3 z-20 mb-1 w-72 max-w-[calc(100%-1.5rem)] rounded-xl border border-line bg-raised p-1 shadow-xl"
    >
      {users.map((user, index) => (
        <div
          key={user.user_id}
          id={mentionOptionId(id, index)}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(user);
          }}
          className={clsx("flex items-center gap-2 rounded-lg px-2 py-1.5", index === active && "bg-hover")}
        >
          <Avatar
            id={user.user_id}
            name={nameOf(user)}
            url={hasPictures ? user.avatar_url : null}
            size="small"
          />
          <span dir="auto" className="truncate">
            {nameOf(user)}
          </span>
          <span className="ml-auto truncate text-sm text-muted">@{user.username}</span>
        </div>
      ))}
    </div>
  );
}
