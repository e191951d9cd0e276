import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Link2, Trash2 } from "lucide-react";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { Button, IconButton } from "../ui/button.tsx";

/** The address under which somebody can join; only those who manage the group see it. */
export function InviteLink({ conversation_id }: { conversation_id: string }) {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const queryKey = ["invites", conversation_id];
  const { data } = useQuery({ queryKey, queryFn: () => client.api.invites(conversation_id) });
  const change = (action: () => Promise<unknown>) =>
    void run(async () => {
      await action();
      await queries.invalidateQueries({ queryKey });
    });
  const copy = (link: string) =>
    void run(async () => {
      await navigator.clipboard.writeText(link);
      notify(text.linkCopied);
    });
  const invites = data?.items ?? [];
  return (
    <section className="mt-6">
      <h3 className="font-semibold">{text.inviteLink}</h3>
      <p className="mb-2 text-sm text-muted">{text.inviteHint}</p>
      <ul className="flex flex-col gap-2">
        {invites.map(({ code }) => {
          const link = `${location.origin}/join/${encodeURIComponent(code)}`;
          return (
            <li key={code} className="flex items-center gap-1 rounded-lg border border-line py-1 pr-1 pl-3">
              <span data-invite className="min-w-0 flex-1 truncate text-sm">
                {link}
              </span>
              <IconButton label={text.copyLink} className="size-9" onClick={() => copy(link)}>
                <Copy aria-hidden size={16} />
              </IconButton>
              <IconButton
                label={text.revoke}
                className="size-9"
                onClick={() => change(() => client.api.revokeInvite(conversation_id, code))}
              >
                <Trash2 aria-hidden size={16} />
              </IconButton>
            </li>
          );
        })}
      </ul>
      {data && invites.length === 0 && (
        <Button disabled={isBusy} onClick={() => change(() => client.api.createInvite(conversation_id))}>
          <Link2 aria-hidden size={18} />
          {text.createInvite}
        </Button>
      )}
    </section>
  );
}
