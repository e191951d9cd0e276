import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import type { ConnectionState } from "../../../sdk/index.ts";
import { useObservable } from "../data/use-observable.ts";
import { useText } from "../text/text.tsx";
import { useSignedIn } from "./context.tsx";

/** A short break is nobody's concern. */
const PATIENCE_MS = 2_500;

export function ConnectionBanner() {
  const text = useText();
  const { client } = useSignedIn();
  const { state } = useObservable(client.connection);
  const isBroken = useIsBroken(state);
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
