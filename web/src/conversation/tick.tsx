import { Check, CheckCheck, CircleAlert, Clock } from "lucide-react";
import type { MessageStatus } from "../../../sdk/index.ts";
import type { Catalogue } from "../text/en.ts";
import { useText } from "../text/text.tsx";

const TICKS = {
  pending: { icon: Clock, label: "statusPending", colour: "text-muted" },
  sent: { icon: Check, label: "statusSent", colour: "text-muted" },
  delivered: { icon: CheckCheck, label: "statusDelivered", colour: "text-muted" },
  read: { icon: CheckCheck, label: "statusRead", colour: "text-accent-ink" },
  failed: { icon: CircleAlert, label: "statusFailed", colour: "text-danger" },
} as const satisfies Record<MessageStatus, { icon: unknown; label: keyof Catalogue; colour: string }>;

/** How far an own message has got. */
export function Tick({ status }: { status: MessageStatus }) {
  const text = useText();
  const { icon: Icon, label, colour } = TICKS[status];
  return (
    <Icon
      role="img"
      aria-label={text[label]}
      data-status={status}
      size={15}
      className={`shrink-0 ${colour}`}
    />
  );
}
