import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Search, UserSearch } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { User } from "../../../sdk/index.ts";
import { learnUsers, nameOf, useLater } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { INPUT } from "../ui/field.tsx";
import { Empty, Failed } from "../ui/states.tsx";

const PAUSE_MS = 200;

/** Looks for users by the beginning of their names. */
export function PeoplePicker({
  onPick,
  picked,
  without = [],
}: {
  onPick: (user: User) => void;
  /** Those who are chosen already, where more than one can be. */
  picked?: readonly User[];
  without?: readonly string[];
}) {
  const text = useText();
  const { client, user_id } = useSignedIn();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [wanted, setWanted] = useState("");
  useLater(typed.trim().replace(/^@/, ""), PAUSE_MS, setWanted);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["users", wanted],
    queryFn: () => client.api.findUsers(wanted, { limit: 20 }),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  useEffect(() => {
    if (data) learnUsers(queries, data.items);
  }, [data, queries]);
  const found = (wanted === "" ? [] : (data?.items ?? [])).filter(
    (user) => user.user_id !== user_id && !without.includes(user.user_id),
  );
  return (
    <div className="flex min-h-72 flex-col">
      <div className="relative">
        <Search aria-hidden size={16} className="absolute top-3.5 left-3 text-muted" />
        <input
          type="search"
          // biome-ignore lint/a11y/noAutofocus: it is what the dialog was opened for.
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-label={text.findPeople}
          placeholder={text.findPeopleHint}
          className={`${INPUT} min-h-11 pl-9`}
        />
      </div>
      {found.length > 0 ? (
        <ul className="mt-2">
          {found.map((user) => (
            <li key={user.user_id}>
              <PersonButton
                user={user}
                onClick={() => onPick(user)}
                {...(picked && { isPicked: picked.some((one) => one.user_id === user.user_id) })}
              />
            </li>
          ))}
        </ul>
      ) : error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <Empty
          icon={UserSearch}
          title={wanted !== "" && !isFetching ? text.noMatches : text.findPeople}
          {...(wanted === "" && { hint: text.findPeopleHint })}
        />
      )}
    </div>
  );
}

export function PersonButton({
  user,
  onClick,
  isPicked,
}: {
  user: User;
  onClick: () => void;
  isPicked?: boolean;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      {...(isPicked !== undefined && { "aria-pressed": isPicked })}
      className="flex w-full items-center gap-3 rounded-xl p-2 text-left hover:bg-hover"
    >
      <PersonLine user={user} />
      {isPicked && <Check aria-hidden className="ml-auto text-accent-ink" />}
    </button>
  );
}

export function PersonLine({
  user,
  note,
  hasPicture = true,
}: {
  user: User;
  note?: ReactNode;
  hasPicture?: boolean;
}) {
  return (
    <>
      <Avatar id={user.user_id} name={nameOf(user)} url={hasPicture ? user.avatar_url : null} />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate font-medium">
          {nameOf(user)}
        </span>
        <span className="block truncate text-sm text-muted">{note ?? `@${user.username}`}</span>
      </span>
    </>
  );
}
