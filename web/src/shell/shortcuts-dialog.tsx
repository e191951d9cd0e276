import { Fragment } from "react";
import { useText } from "../text/text.tsx";
import { Dialog } from "../ui/dialog.tsx";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const shortcuts: readonly (readonly [string, readonly string[]])[] = [
    [text.shortcutSearch, ["Ctrl K"]],
    [text.shortcutSearchHere, ["Ctrl F"]],
    [text.shortcutNew, ["Alt N"]],
    [text.shortcutNext, ["Alt ↓", "Alt ↑"]],
    [text.shortcutSend, ["Enter", "Shift Enter"]],
    [text.shortcutEditLast, ["↑"]],
    [text.shortcutEscape, ["Esc"]],
    [text.shortcutHelp, ["?"]],
  ];
  return (
    <Dialog title={text.shortcuts} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-3">
        {shortcuts.map(([what, keys]) => (
          <Fragment key={what}>
            <dt>{what}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="rounded-md border border-line bg-page px-2 py-0.5 font-sans text-sm"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
