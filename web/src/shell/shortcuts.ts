import { useEffect } from "react";
import { arrange } from "../inbox/arrange.ts";
import { SEARCH_ID } from "../inbox/inbox-pane.tsx";
import { isComposing } from "../ui/input-method.ts";
import { useSignedIn } from "./context.tsx";
import { currentDialog, openDialog } from "./dialogs.ts";
import { goToList, navigate } from "./navigation.tsx";
import { parsePath, pathOf } from "./routes.ts";

/** Keys that work everywhere. */
export function useShortcuts(): void {
  const { client } = useSignedIn();
  useEffect(() => {
    const step = (by: number) => {
      const { rows } = client.inbox.getSnapshot();
      const ids = arrange(rows, "inbox", "", () => "").map(({ conversation_id }) => conversation_id);
      const route = parsePath(location.pathname);
      const at = route.name === "conversation" ? ids.indexOf(route.conversation_id) : -1;
      const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
      if (next !== undefined) navigate(pathOf(next));
    };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event) || currentDialog.getSnapshot() !== null) return;
      const act = actionOf(event, step);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [client]);
}

function actionOf(event: KeyboardEvent, step: (by: number) => void): (() => void) | null {
  const { key, altKey, ctrlKey, metaKey } = event;
  const isCommand = ctrlKey || metaKey;
  if (isCommand && key.toLowerCase() === "k") return () => document.getElementById(SEARCH_ID)?.focus();
  if (altKey && key === "ArrowDown") return () => step(1);
  if (altKey && key === "ArrowUp") return () => step(-1);
  if (altKey && key.toLowerCase() === "n") return () => openDialog("new_chat");
  if (isCommand || altKey || isInLayer(event.target)) return null;
  if (key === "Escape" && location.pathname !== "/") return goToList;
  if (key === "?" && !isWritable(event.target)) return () => openDialog("shortcuts");
  return null;
}

function isWritable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** Dialogs and menus have an Escape of their own. */
function isInLayer(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("[role=dialog], [role=menu]") !== null;
}
