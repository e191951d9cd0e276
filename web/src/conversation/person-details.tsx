import { useQueryClient } from "@tanstack/react-query";
import { UserMinus, UserPlus } from "lucide-react";
import type { User } from "../../../sdk/index.ts";
import { nameOf, useProfile } from "../data/people.ts";
import { useAction } from "../data/use-action.ts";
import { usePeople } from "../data/use-people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/states.tsx";

/** Another user, and how one stands to them. */
export function PersonDetails({ user_id }: { user_id: string }) {
  const user = useProfile(user_id);
  if (!user) return <Loading />;
  return (
    <div className="flex flex-col items-center gap-1 text-center">
      <Avatar id={user_id} name={nameOf(user)} url={user.avatar_url} size="large" />
      <h3 dir="auto" className="mt-2 text-xl font-semibold break-words">
        {nameOf(user)}
      </h3>
      <p className="text-muted">@{user.username}</p>
      {user.status_text && (
        <p dir="auto" className="mt-1 break-words">
          {user.status_text}
        </p>
      )}
      <Standing user_id={user_id} />
    </div>
  );
}

const STANDINGS = ["blocked", "friends", "incoming", "outgoing"] as const;

/** How one stands to somebody, and what can be done about it. */
function Standing({ user_id }: { user_id: string }) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const { data: people } = usePeople();
  const has = (users: readonly User[] | undefined) =>
    users?.some((user) => user.user_id === user_id) === true;
  const named = STANDINGS.find((one) => has(people?.[one]));
  const standing = people && (named ?? "none");
  const act = (action: () => Promise<unknown>) =>
    run(async () => {
      await action();
      await queries.invalidateQueries({ queryKey: ["people"] });
    });
  const { api } = client;
  const choices = {
    none: { label: text.addFriend, act: () => api.requestFriend(user_id) },
    incoming: { label: text.accept, act: () => api.acceptFriend(user_id) },
    outgoing: { label: text.withdraw, act: () => api.removeFriend(user_id) },
    friends: { label: text.removeFriend, act: () => api.removeFriend(user_id) },
    blocked: { label: text.unblock, act: () => api.unblock(user_id) },
  };
  const choice = standing && choices[standing];
  const Icon = standing === "none" || standing === "incoming" ? UserPlus : UserMinus;
  return (
    <div className="mt-4 flex min-h-10 flex-wrap justify-center gap-2">
      {choice && (
        <Button
          kind={standing === "none" || standing === "incoming" ? "primary" : "plain"}
          disabled={isBusy}
          onClick={() => void act(choice.act)}
        >
          <Icon aria-hidden size={18} />
          {choice.label}
        </Button>
      )}
      {standing && standing !== "blocked" && (
        <Button kind="danger" disabled={isBusy} onClick={() => void act(() => api.block(user_id))}>
          {text.block}
        </Button>
      )}
    </div>
  );
}
