import { Bell, BellOff } from "lucide-react";
import type { InboxRow, InboxSettings } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useConversation } from "../data/use-conversation.ts";
import { useNow } from "../data/use-now.ts";
import { useSignedIn } from "../shell/context.tsx";
import { durationText } from "../text/durations.ts";
import { useLocale, useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { SelectField } from "../ui/field.tsx";
import { FOR_GOOD, muteText, unmuted } from "./mute.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const DURATIONS = [
  { count: 1, unit: "hour", ms: HOUR },
  { count: 8, unit: "hour", ms: 8 * HOUR },
  { count: 1, unit: "week", ms: 7 * 24 * HOUR },
] as const;

/** Of what its user is told in a conversation, and for how long of nothing. */
export function MuteDialog({ conversation_id, onClose }: { conversation_id: string; onClose: () => void }) {
  const text = useText();
  const { row } = useConversation(conversation_id).snapshot;
  return (
    <Dialog title={text.notifications} onClose={onClose}>
      {row && <MuteSettings row={row} onMuted={onClose} />}
    </Dialog>
  );
}

function MuteSettings({ row, onMuted }: { row: InboxRow; onMuted: () => void }) {
  const text = useText();
  const language = useLocale();
  const { client } = useSignedIn();
  const { run, isBusy } = useAction();
  const muted = muteText(row, text, language, useNow(MINUTE));
  const set = (settings: InboxSettings) =>
    run(() => client.api.updateSettings(row.conversation_id, settings));
  const mute = async (muted_until: number) => {
    if (await set({ muted_until })) onMuted();
  };
  return (
    <>
      {row.type === "group" && (
        <SelectField
          label={text.tellMeOf}
          value={row.notifications}
          disabled={isBusy}
          onChange={({ target: { value } }) =>
            void set({ notifications: value === "mentions" || value === "none" ? value : "all" })
          }
        >
          <option value="all">{text.tellAll}</option>
          <option value="mentions">{text.tellMentions}</option>
          <option value="none">{text.tellNothing}</option>
        </SelectField>
      )}
      <h3 className="mt-2 mb-1.5 text-sm font-medium">{text.muteLabel}</h3>
      {muted === null ? (
        <div className="grid gap-2 sm:grid-cols-2">
          {DURATIONS.map(({ count, unit, ms }) => (
            <Button key={ms} disabled={isBusy} onClick={() => void mute(Date.now() + ms)}>
              {text.muteFor(durationText(language, count, unit))}
            </Button>
          ))}
          <Button disabled={isBusy} onClick={() => void mute(FOR_GOOD)}>
            {text.muteForGood}
          </Button>
        </div>
      ) : (
        <div className="flex items-center gap-2">
          <BellOff aria-hidden size={18} className="shrink-0 text-muted" />
          <p className="min-w-0 flex-1">{muted}</p>
          <Button disabled={isBusy} onClick={() => void set(unmuted(row))}>
            <Bell aria-hidden size={18} />
            {text.unmute}
          </Button>
        </div>
      )}
      <p className="mt-3 text-sm text-muted">{text.muteHint}</p>
    </>
  );
}
