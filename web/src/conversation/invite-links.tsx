import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Link2, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Invite } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useLocale, useText } from "../text/text.tsx";
import { fullTime } from "../text/times.ts";
import { notify } from "../ui/announcer.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Failed } from "../ui/states.tsx";
import { NewInviteDialog } from "./new-invite-dialog.tsx";

/** Codes of one group begin alike. */
const CODE_END = 6;

/** The addresses under which somebody can join; only those who manage the group see them. */
export function InviteLinks({ conversation_id }: { conversation_id: string }) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<Invite | null>(null);
  const queryKey = ["invites", conversation_id];
  const { data, error, refetch } = useQuery({ queryKey, queryFn: () => client.api.invites(conversation_id) });
  const change = (action: () => Promise<unknown>) =>
    run(async () => {
      await action();
      await queries.invalidateQueries({ queryKey });
    });
  return (
    <section className="mt-6">
      <h3 className="font-semibold">{text.inviteLinks}</h3>
      <p className="mb-2 text-sm text-muted">{text.inviteHint}</p>
      {error && <Failed error={error} onRetry={() => void refetch()} />}
      <ul className="mb-2 flex flex-col gap-2">
        {data?.items.map((invite) => (
          <li key={invite.code}>
            <InviteLine invite={invite} disabled={isBusy} onRevoke={() => setRevoked(invite)} />
          </li>
        ))}
      </ul>
      <Button onClick={() => setMaking(true)}>
        <Link2 aria-hidden size={18} />
        {text.createInvite}
      </Button>
      {isMaking && (
        <NewInviteDialog
          isBusy={isBusy}
          onClose={() => setMaking(false)}
          onMake={async (draft) => {
            if (await change(() => client.api.createInvite(conversation_id, draft))) setMaking(false);
          }}
        />
      )}
      {revoked && (
        <Confirm
          title={text.revokeQuestion}
          description={text.revokeHint}
          action={text.revoke}
          onClose={() => setRevoked(null)}
          onConfirm={() => void change(() => client.api.revokeInvite(conversation_id, revoked.code))}
        />
      )}
    </section>
  );
}

function InviteLine({
  invite: { code, expires_at, uses, max_uses },
  disabled,
  onRevoke,
}: {
  invite: Invite;
  disabled: boolean;
  onRevoke: () => void;
}) {
  const text = useText();
  const language = useLocale();
  const { run } = useAction();
  const link = `${location.origin}/join/${encodeURIComponent(code)}`;
  const copy = () =>
    run(async () => {
      await navigator.clipboard.writeText(link);
      notify(text.linkCopied);
    });
  const expiry =
    expires_at === null ? text.inviteForGood : text.inviteExpires(fullTime(language, expires_at));
  return (
    <div className="flex items-center gap-1 rounded-lg border border-line py-1.5 pr-1 pl-3">
      <span className="min-w-0 flex-1">
        <span data-invite={link} title={link} className="block truncate text-sm">
          {location.host}/join/…{code.slice(-CODE_END)}
        </span>
        <span className="block text-xs text-muted">
          {expiry} · {text.inviteUses(uses, max_uses)}
        </span>
      </span>
      <IconButton label={text.copyLink} className="size-9" onClick={() => void copy()}>
        <Copy aria-hidden size={16} />
      </IconButton>
      <IconButton label={text.revoke} className="size-9" disabled={disabled} onClick={onRevoke}>
        <Trash2 aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
