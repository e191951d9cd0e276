import { useQueryClient } from "@tanstack/react-query";
import { MessageCircle, UserMinus, UsersRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { User } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useObservable } from "../data/use-observable.ts";
import { usePeople } from "../data/use-people.ts";
import { PeoplePicker, PersonLine } from "../inbox/people-picker.tsx";
import { useChatWith } from "../inbox/use-chat-with.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Card, Pane } from "../shell/pane.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { Answered } from "../ui/answered.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Empty } from "../ui/states.tsx";

/** Friends, who would like to be one, and who is kept away. */
export function PeoplePane() {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const { chatWith } = useChatWith();
  const query = usePeople();
  const presence = useObservable(client.presence);
  const [isAdding, setAdding] = useState(false);
  const { api } = client;
  const act = (action: () => Promise<unknown>) =>
    run(async () => {
      await action();
      await queries.invalidateQueries({ queryKey: ["people"] });
    });
  const ask = async ({ user_id }: User) => {
    setAdding(false);
    if (await act(() => api.requestFriend(user_id))) notify(text.requestSent);
  };
  const button = (label: string, action: () => Promise<unknown>, kind: "primary" | "plain" = "plain") => (
    <Button kind={kind} disabled={isBusy} onClick={() => void act(action)}>
      {label}
    </Button>
  );
  return (
    <Pane title={text.people}>
      <Button kind="primary" className="self-start" onClick={() => setAdding(true)}>
        {text.addFriend}
      </Button>
      <Answered query={query}>
        {({ friends, incoming, outgoing, blocked }) => (
          <>
            <List title={text.friendRequests} users={incoming} areStrangers>
              {({ user_id }) => (
                <>
                  {button(text.decline, () => api.removeFriend(user_id))}
                  {button(text.accept, () => api.acceptFriend(user_id), "primary")}
                </>
              )}
            </List>
            {friends.length === 0 ? (
              <Card title={text.friends}>
                <Empty icon={UsersRound} title={text.noFriends} hint={text.noFriendsHint} />
              </Card>
            ) : (
              <List
                title={text.friends}
                users={friends}
                noteOf={({ user_id }) => {
                  const status = presence.get(user_id)?.status;
                  return status && status !== "offline" ? text[status] : undefined;
                }}
              >
                {({ user_id }) => (
                  <>
                    <IconButton label={text.message} onClick={() => void chatWith(user_id)}>
                      <MessageCircle aria-hidden size={20} />
                    </IconButton>
                    <IconButton
                      label={text.removeFriend}
                      onClick={() => void act(() => api.removeFriend(user_id))}
                    >
                      <UserMinus aria-hidden size={20} />
                    </IconButton>
                  </>
                )}
              </List>
            )}
            <List title={text.sentRequests} users={outgoing}>
              {({ user_id }) => button(text.withdraw, () => api.removeFriend(user_id))}
            </List>
            <List title={text.blocked} users={blocked} areStrangers>
              {({ user_id }) => button(text.unblock, () => api.unblock(user_id))}
            </List>
          </>
        )}
      </Answered>
      {isAdding && (
        <Dialog title={text.addFriend} onClose={() => setAdding(false)}>
          <PeoplePicker onPick={(user) => void ask(user)} />
        </Dialog>
      )}
    </Pane>
  );
}

function List({
  title,
  users,
  areStrangers = false,
  noteOf,
  children,
}: {
  title: string;
  users: readonly User[];
  /** Nothing of theirs is fetched from elsewhere. */
  areStrangers?: boolean;
  noteOf?: (user: User) => string | undefined;
  children: (user: User) => ReactNode;
}) {
  if (users.length === 0) return null;
  return (
    <Card title={title}>
      <ul className="flex flex-col gap-1">
        {users.map((user) => (
          <li key={user.user_id} className="flex flex-wrap items-center gap-3 py-1">
            <PersonLine user={user} note={noteOf?.(user)} hasPicture={!areStrangers} />
            <span className="ml-auto flex gap-1">{children(user)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
