import { CloudOff, MonitorSmartphone, ShieldX } from "lucide-react";
import { useEffect, useState } from "react";
import type { ConnectionState } from "../../../sdk/index.ts";
import { CLOSE } from "../../../src/protocol/close-codes.ts";
import { useObservable } from "../data/use-observable.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/states.tsx";
import { useSignedIn } from "./context.tsx";

/** A short break is nobody's concern. */
const PATIENCE_MS = 2_500;

export function ConnectionBanner() {
  const text = useText();
  const { client } = useSignedIn();
  const { state } = useObservable(client.connection);
  const isBroken = useIsBroken(state);
  if (state.phase === "stopped") return <Stopped state={state} />;
  if (!isBroken) return null;
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-2 bg-notice px-4 py-1.5 text-center text-sm"
    >
      <CloudOff aria-hidden size={16} className="shrink-0" />
      {text.offline}
    </div>
  );
}

/** Not connected, and that for a while; or known to be offline. */
function useIsBroken({ phase }: ConnectionState): boolean {
  const isConnected = phase === "connected";
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    if (isConnected) {
      setBroken(false);
      return;
    }
    const fail = () => setBroken(true);
    const timer = setTimeout(fail, navigator.onLine ? PATIENCE_MS : 0);
    addEventListener("offline", fail);
    return () => {
      clearTimeout(timer);
      removeEventListener("offline", fail);
    };
  }, [isConnected]);
  return isBroken;
}

/** The server has ended the connection for good: everything else is of no use until that is settled. */
function Stopped({ state }: { state: Extract<ConnectionState, { phase: "stopped" }> }) {
  const text = useText();
  const { close_code, error } = state;
  const isElsewhere = close_code === CLOSE.replaced;
  const isSuspended = close_code === CLOSE.account_suspended || error?.code === "account_suspended";
  const title = isElsewhere ? text.elsewhere : isSuspended ? text.suspended : text.somethingWrong;
  return (
    <div role="alertdialog" aria-modal aria-label={title} className="fixed inset-0 z-50 flex bg-surface">
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
  );
}
