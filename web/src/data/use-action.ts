import { useCallback, useState } from "react";
import { errorText, useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";

/** Runs what a person asked for; if it fails, says so. */
export function useAction() {
  const text = useText();
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(
    async (action: () => unknown): Promise<boolean> => {
      setBusy(true);
      try {
        await action();
        return true;
      } catch (error) {
        notify(errorText(text, error));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [text],
  );
  return { run, isBusy };
}
