import { CloudOff, MonitorSmartphone, ShieldX } from "lucide-react";
import type { ConnectionState } from "../../../sdk/index.ts";
import { CLOSE } from "../../../src/protocol/close-codes.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/states.tsx";

/** In place of everything else, which is of no use until that is settled: the server has ended the connection for good. */
export function Stopped({ state }: { state: Extract<ConnectionState, { phase: "stopped" }> }) {
  const text = useText();
  const { close_code, error } = state;
  const isElsewhere = close_code === CLOSE.replaced;
  const isSuspended = close_code === CLOSE.account_suspended || error?.code === "account_suspended";
  const title = isElsewhere ? text.elsewhere : isSuspended ? text.suspended : text.somethingWrong;
  return (
    <main className="flex h-full bg-surface">
      <div role="alert" className="flex flex-1">
        <Empty
          icon={isElsewhere ? MonitorSmartphone : isSuspended ? ShieldX : CloudOff}
          title={title}
          {...(isElsewhere && { hint: text.elsewhereHint })}
        >
          {!isSuspended && (
            <Button kind="primary" className="mt-3" autoFocus onClick={() => location.reload()}>
              {isElsewhere ? text.useHere : text.retry}
            </Button>
          )}
        </Empty>
      </div>
    </main>
  );
}
