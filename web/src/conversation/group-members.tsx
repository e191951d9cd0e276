import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import {
  Crown,
  EllipsisVertical,
  MessageCircle,
  Shield,
  User as UserIcon,
  UserMinus,
  UserPlus,
} from "lucide-react";
import { useEffect, useState } from "react";
import type { Conversation, ConversationDetails, Member } from "../../../sdk/index.ts";
import { useName, useUser } from "../data/people.ts";
import { useAction } from "../data/use-action.ts";
import { PeoplePicker } from "../inbox/people-picker.tsx";
import { Picked, usePicked } from "../inbox/picked.tsx";
import { useChatWith } from "../inbox/use-chat-with.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { Answered } from "../ui/answered.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { canManage } from "./permissions.ts";

const PAGE = 50;

/** Who is in the group, and what may be done about it. */
export function GroupMembers({
  conversation,
  details,
}: {
  conversation: Conversation;
  details: ConversationDetails;
}) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const { conversation_id, head_seq } = details;
  const query = useInfiniteQuery({
    queryKey: ["members", conversation_id],
    queryFn: ({ pageParam }) => client.api.members(conversation_id, { cursor: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  // Every event of the group brings new details.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `head_seq` says that something has happened.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["members", conversation_id] });
  }, [queries, conversation_id, head_seq]);
  const { hasNextPage, fetchNextPage } = query;
  const members = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="mt-6">
      <div className="mb-1 flex items-center justify-between">
        <h3 className="font-semibold">{text.groupMembers}</h3>
        {canManage(details) && (
          <Button kind="quiet" onClick={() => setAdding(true)}>
            <UserPlus aria-hidden size={18} />
            {text.add}
          </Button>
        )}
      </div>
      <Answered query={query}>
        {() => (
          <ul>
            {members.map((member) => (
              <li key={member.user_id}>
                <MemberLine member={member} details={details} />
              </li>
            ))}
          </ul>
        )}
      </Answered>
      {hasNextPage && (
        <Button kind="quiet" className="w-full" onClick={() => void fetchNextPage()}>
          {text.more}
        </Button>
      )}
      {isAdding && (
        <AddMembersDialog
          conversation={conversation}
          without={members.map(({ user_id }) => user_id)}
          onClose={() => setAdding(false)}
        />
      )}
    </section>
  );
}

function MemberLine({ member, details }: { member: Member; details: ConversationDetails }) {
  const text = useText();
  const { user_id: me } = useSignedIn();
  const user = useUser(member.user_id);
  const name = useName(member.user_id);
  const isMe = member.user_id === me;
  return (
    <div className="flex items-center gap-3 py-1.5">
      <Avatar id={member.user_id} name={name} url={user?.avatar_url} />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate font-medium">
          {name || "…"}
          {isMe && <span className="font-normal text-muted"> · {text.you}</span>}
        </span>
        <span className="block truncate text-sm text-muted">{user ? `@${user.username}` : ""}</span>
      </span>
      {member.role !== "member" && (
        <span className="rounded-full bg-chosen px-2 py-0.5 text-xs font-medium text-accent-ink">
          {text[member.role]}
        </span>
      )}
      {!isMe && <MemberMenu member={member} name={name} details={details} />}
    </div>
  );
}

function MemberMenu({
  member,
  name,
  details,
}: {
  member: Member;
  name: string;
  details: ConversationDetails;
}) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run } = useAction();
  const { chatWith } = useChatWith();
  const { conversation_id, role } = details;
  const change = (action: () => Promise<unknown>) =>
    void run(async () => {
      await action();
      await queries.invalidateQueries({ queryKey: ["members", conversation_id] });
    });
  const setRole = (next: Member["role"]) =>
    change(() => client.api.setRole(conversation_id, member.user_id, next));
  const mayRemove = role === "owner" || (role === "admin" && member.role === "member");
  return (
    <Menu
      trigger={
        <IconButton label={text.memberActions(name)} className="size-8">
          <EllipsisVertical aria-hidden size={16} />
        </IconButton>
      }
    >
      <MenuItem icon={MessageCircle} onSelect={() => void chatWith(member.user_id)}>
        {text.message}
      </MenuItem>
      {role === "owner" && member.role !== "owner" && (
        <MenuItem icon={Crown} onSelect={() => setRole("owner")}>
          {text.makeOwner}
        </MenuItem>
      )}
      {role === "owner" && member.role !== "admin" && (
        <MenuItem icon={Shield} onSelect={() => setRole("admin")}>
          {text.makeAdmin}
        </MenuItem>
      )}
      {role === "owner" && member.role !== "member" && (
        <MenuItem icon={UserIcon} onSelect={() => setRole("member")}>
          {text.makeMember}
        </MenuItem>
      )}
      {mayRemove && (
        <MenuItem
          icon={UserMinus}
          danger
          onSelect={() => change(() => client.api.removeMember(conversation_id, member.user_id))}
        >
          {text.removeMember}
        </MenuItem>
      )}
    </Menu>
  );
}

function AddMembersDialog({
  conversation,
  without,
  onClose,
}: {
  conversation: Conversation;
  without: readonly string[];
  onClose: () => void;
}) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { picked, toggle } = usePicked();
  const { run, isBusy } = useAction();
  const { conversation_id } = conversation;
  const add = async () => {
    const isDone = await run(async () => {
      await client.api.addMembers(
        conversation_id,
        picked.map(({ user_id }) => user_id),
      );
      await queries.invalidateQueries({ queryKey: ["members", conversation_id] });
    });
    if (isDone) onClose();
  };
  return (
    <Dialog
      title={text.addMembers}
      onClose={onClose}
      footer={
        <Button kind="primary" disabled={isBusy || picked.length === 0} onClick={() => void add()}>
          {text.add}
        </Button>
      }
    >
      <Picked users={picked} onRemove={toggle} />
      <PeoplePicker picked={picked} onPick={toggle} without={without} />
    </Dialog>
  );
}
