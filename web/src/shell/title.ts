import { useEffect } from "react";
import { useObservable } from "../data/use-observable.ts";
import { badgeCount } from "../inbox/arrange.ts";
import { useText } from "../text/text.tsx";
import { useSignedIn } from "./context.tsx";

/** How much is unread, in the tab's title and on the app's icon. */
export function useTitle(): void {
  const text = useText();
  const { client } = useSignedIn();
  const count = badgeCount(useObservable(client.inbox).rows, Date.now());
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${text.appName}` : text.appName;
    showBadge(count);
  }, [count, text]);
  // It is on the device's screen also after whoever it is about has signed out.
  useEffect(() => () => showBadge(0), []);
}

function showBadge(count: number): void {
  const done = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  // Where it is not allowed, the title says it.
  done?.catch(() => undefined);
}
