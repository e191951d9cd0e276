import { useState } from "react";
import type { InviteDraft } from "../../../sdk/index.ts";
import { durationText } from "../text/durations.ts";
import { useLocale, useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { SelectField } from "../ui/field.tsx";

const HOUR = 3_600;
const DAY = 24 * HOUR;

const DURATIONS = [
  { count: 1, unit: "hour", seconds: HOUR },
  { count: 1, unit: "day", seconds: DAY },
  { count: 1, unit: "week", seconds: 7 * DAY },
  { count: 30, unit: "day", seconds: 30 * DAY },
] as const;
const LIMITS = [1, 5, 10, 50, 100];

/** How long an invitation is good, and for how many. */
export function NewInviteDialog({
  isBusy,
  onMake,
  onClose,
}: {
  isBusy: boolean;
  onMake: (draft: InviteDraft) => Promise<void>;
  onClose: () => void;
}) {
  const text = useText();
  const language = useLocale();
  const [expires_in, setExpiry] = useState<number | null>(7 * DAY);
  const [max_uses, setLimit] = useState<number | null>(null);
  return (
    <Dialog
      title={text.createInvite}
      onClose={onClose}
      footer={
        <Button kind="primary" disabled={isBusy} onClick={() => void onMake({ expires_in, max_uses })}>
          {text.createInvite}
        </Button>
      }
    >
      <SelectField
        label={text.inviteDuration}
        value={expires_in ?? ""}
        onChange={(event) => setExpiry(Number(event.target.value) || null)}
      >
        {DURATIONS.map(({ count, unit, seconds }) => (
          <option key={seconds} value={seconds}>
            {durationText(language, count, unit)}
          </option>
        ))}
        <option value="">{text.never}</option>
      </SelectField>
      <SelectField
        label={text.inviteLimit}
        value={max_uses ?? ""}
        onChange={(event) => setLimit(Number(event.target.value) || null)}
      >
        <option value="">{text.noLimit}</option>
        {LIMITS.map((limit) => (
          <option key={limit} value={limit}>
            {limit}
          </option>
        ))}
      </SelectField>
    </Dialog>
  );
}
