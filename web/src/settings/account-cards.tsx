import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Account } from "../../../sdk/index.ts";
import { learnUsers, nameOf } from "../data/people.ts";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Card } from "../shell/pane.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { Answered } from "../ui/answered.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { PictureField, usePicture } from "../ui/picture-field.tsx";
import { SwitchField } from "../ui/switch.tsx";

type Update = Parameters<ReturnType<typeof useSignedIn>["client"]["api"]["updateMe"]>[0];

/** What the user's own account says: profile and privacy. */
export function AccountCards() {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const query = useQuery({ queryKey: ["me"], queryFn: () => client.api.me() });
  const update = (change: Update) =>
    run(async () => {
      const account = await client.api.updateMe(change);
      queries.setQueryData(["me"], account);
      learnUsers(queries, [account]);
    });
  return (
    <Answered query={query}>
      {(account) => (
        <>
          <Profile account={account} isBusy={isBusy} onUpdate={update} />
          <Privacy account={account} isBusy={isBusy} onUpdate={update} />
        </>
      )}
    </Answered>
  );
}

interface CardProps {
  readonly account: Account;
  readonly isBusy: boolean;
  readonly onUpdate: (change: Update) => Promise<boolean>;
}

function Profile({ account, isBusy, onUpdate }: CardProps) {
  const text = useText();
  const [name, setName] = useState(account.display_name);
  const [status, setStatus] = useState(account.status_text);
  const picture = usePicture(account.avatar_url);
  const change = {
    ...(name.trim() !== account.display_name && { display_name: name.trim() }),
    ...(status.trim() !== account.status_text && { status_text: status.trim() }),
    ...(picture.wanted !== account.avatar_url && { avatar_url: picture.wanted }),
  };
  const isChanged = Object.keys(change).length > 0;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await onUpdate(change)) notify(text.saved);
  };
  return (
    <Card title={text.profile}>
      <div className="mb-4 flex items-center gap-4">
        <Avatar id={account.user_id} name={nameOf(account)} url={picture.shown} size="large" />
        <div className="min-w-0">
          <p dir="auto" className="truncate text-lg font-semibold">
            {nameOf(account)}
          </p>
          <p className="truncate text-muted">@{account.username}</p>
          <p className="truncate text-sm text-muted">{account.email}</p>
        </div>
      </div>
      <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <TextField
          label={text.displayName}
          value={name}
          maxLength={100}
          required
          dir="auto"
          autoComplete="name"
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={text.statusText}
          value={status}
          maxLength={200}
          dir="auto"
          onChange={(event) => setStatus(event.target.value)}
        />
        <PictureField picture={picture} />
        <Button
          type="submit"
          kind="primary"
          disabled={isBusy || !isChanged || !picture.isFit}
          className="self-end"
        >
          {text.save}
        </Button>
      </form>
    </Card>
  );
}

function Privacy({ account, isBusy, onUpdate }: CardProps) {
  const text = useText();
  const { read_receipts, last_seen, who_may_write } = account.privacy;
  const set = (privacy: NonNullable<Update["privacy"]>) => void onUpdate({ privacy });
  return (
    <Card title={text.privacy}>
      <SwitchField
        label={text.readReceipts}
        hint={text.readReceiptsHint}
        checked={read_receipts}
        disabled={isBusy}
        onChange={(on) => set({ read_receipts: on })}
      />
      <SelectField
        label={text.lastSeenSetting}
        value={last_seen}
        disabled={isBusy}
        onChange={({ target: { value } }) => set({ last_seen: value === "nobody" ? value : "friends" })}
      >
        <option value="friends">{text.friends}</option>
        <option value="nobody">{text.nobody}</option>
      </SelectField>
      <SelectField
        label={text.whoMayWrite}
        value={who_may_write}
        disabled={isBusy}
        onChange={({ target: { value } }) =>
          set({ who_may_write: value === "requests" || value === "friends" ? value : "everyone" })
        }
      >
        <option value="everyone">{text.everyone}</option>
        <option value="requests">{text.asRequests}</option>
        <option value="friends">{text.friendsOnly}</option>
      </SelectField>
    </Card>
  );
}
