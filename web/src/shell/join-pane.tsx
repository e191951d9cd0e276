import { UsersRound } from "lucide-react";
import { useAction } from "../data/use-action.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/states.tsx";
import { useSignedIn } from "./context.tsx";
import { navigate } from "./navigation.tsx";
import { pathOf } from "./routes.ts";

/** Where an invitation's link leads to. Which group it is, only the code knows: that is told to those who join. */
export function JoinPane({ code }: { code: string }) {
  const text = useText();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const join = () =>
    run(async () => {
      const { conversation_id } = await client.api.acceptInvite(code);
      navigate(pathOf(conversation_id), { replace: true });
    });
  return (
    <Empty icon={UsersRound} title={text.joinTitle} hint={text.joinHint}>
      <div className="mt-3 flex gap-2">
        <Button onClick={() => navigate("/", { replace: true })}>{text.cancel}</Button>
        <Button kind="primary" disabled={isBusy} onClick={() => void join()}>
          {text.join}
        </Button>
      </div>
    </Empty>
  );
}
