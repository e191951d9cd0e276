import { useQuery } from "@tanstack/react-query";
import { Unlink } from "lucide-react";
import { type InvitePreview, UimError } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useArrival } from "../data/use-arrival.ts";
import { useText } from "../text/text.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Empty, Failed, Loading } from "../ui/states.tsx";
import { useSignedIn } from "./context.tsx";
import { navigate } from "./navigation.tsx";
import { pathOf } from "./routes.ts";

/** Where an invitation's link leads to: which group it is, and whether one would like to be in it. */
export function JoinPane({ code }: { code: string }) {
  const text = useText();
  const { client } = useSignedIn();
  const { data, error, refetch } = useQuery({
    queryKey: ["invite", code],
    queryFn: () => client.api.previewInvite(code),
  });
  if (data) return <Invitation code={code} group={data} />;
  if (error instanceof UimError && error.code === "invite_expired") {
    return (
      <Empty icon={Unlink} title={text.inviteInvalid} hint={text.inviteInvalidHint}>
        <Button className="mt-3" onClick={() => navigate("/", { replace: true })}>
          {text.toChats}
        </Button>
      </Empty>
    );
  }
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <Loading />;
}

function Invitation({ code, group }: { code: string; group: InvitePreview }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const heading = useArrival<HTMLHeadingElement>();
  const { conversation_id, name, avatar_url, member_count, is_member } = group;
  const open = () => navigate(pathOf(conversation_id), { replace: true });
  const join = () =>
    run(async () => {
      await client.api.acceptInvite(code);
      open();
    });
  return (
    <section className="flex flex-1 flex-col items-center justify-center gap-1 overflow-y-auto p-6 text-center">
      {!is_member && <p className="mb-3 text-muted">{text.joinTitle}</p>}
      <Avatar id={conversation_id} name={name} url={avatar_url} size="large" isGroup />
      <h2
        ref={heading}
        tabIndex={-1}
        dir="auto"
        className="mt-2 max-w-full text-xl font-semibold break-words outline-none"
      >
        {name}
      </h2>
      <p className="text-muted">{text.members(member_count)}</p>
      <p className="mt-3 max-w-xs">{is_member ? text.joinedAlready : text.joinHint}</p>
      <div className="mt-3 flex gap-2">
        <Button onClick={() => navigate("/", { replace: true })}>{text.cancel}</Button>
        {is_member ? (
          <Button kind="primary" onClick={open}>
            {text.openChat}
          </Button>
        ) : (
          <Button kind="primary" disabled={isBusy} onClick={() => void join()}>
            {text.join}
          </Button>
        )}
      </div>
    </section>
  );
}
