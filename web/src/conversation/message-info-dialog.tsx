import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CheckCheck } from "lucide-react";
import { useEffect, useState } from "react";
import type { ConversationSnapshot, Receipts, ShownMessage } from "../../../sdk/index.ts";
import { useName, useUser } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useLocale, useText } from "../text/text.tsx";
import { fullTime } from "../text/times.ts";
import { Answered } from "../ui/answered.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { type Reached, reachedBy } from "./receipts.ts";

/** When an own message was sent, and whom it has reached. */
export function MessageInfoDialog({
  message,
  snapshot,
  onClose,
}: {
  message: ShownMessage;
  snapshot: ConversationSnapshot;
  onClose: () => void;
}) {
  const text = useText();
  const query = useReceipts(message, snapshot);
  return (
    <Dialog title={text.messageInfo} onClose={onClose}>
      <p dir="auto" className="mb-2 line-clamp-3 rounded-2xl bg-mine px-3 py-2 wrap-anywhere">
        {message.content}
      </p>
      <Answered query={query}>
        {(receipts) => <Lists receipts={receipts} member_count={snapshot.details?.member_count ?? 0} />}
      </Answered>
    </Dialog>
  );
}

/** Asked for anew as soon as somebody has got further. */
function useReceipts({ conversation_id, message_id }: ShownMessage, { marks }: ConversationSnapshot) {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marks say that something has changed.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["receipts", message_id] });
  }, [queries, message_id, marks]);
  return useQuery({
    queryKey: ["receipts", message_id],
    queryFn: () => client.api.receipts(conversation_id, message_id ?? ""),
    enabled: message_id !== null,
  });
}

function Lists({ receipts, member_count }: { receipts: Receipts; member_count: number }) {
  const text = useText();
  const language = useLocale();
  const { user_id, client } = useSignedIn();
  const { data: account } = useQuery({ queryKey: ["me"], queryFn: () => client.api.me() });
  const { read, delivered, missing } = reachedBy(receipts, user_id, member_count);
  const isBlind = account?.privacy.read_receipts === false;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-muted">
        {text.statusSent}: {fullTime(language, receipts.sent_at)}
      </p>
      <section>
        <Heading colour="text-accent-ink" title={text.readBy} count={read.length} />
        {isBlind ? (
          <p className="text-muted">{text.receiptsOff}</p>
        ) : (
          <People label={text.readBy} reached={read} />
        )}
      </section>
      <section>
        <Heading colour="text-muted" title={text.deliveredTo} count={delivered.length} />
        <People label={text.deliveredTo} reached={delivered} />
      </section>
      {missing > 0 && <p className="text-sm text-muted">{text.notDeliveredTo(missing)}</p>}
    </div>
  );
}

function Heading({ colour, title, count }: { colour: string; title: string; count: number }) {
  return (
    <h3 className="mb-1 flex items-center gap-2 font-semibold">
      <CheckCheck aria-hidden size={18} className={colour} />
      {title}
      {count > 0 && <span className="font-normal text-muted">{count}</span>}
    </h3>
  );
}

/** Each is a person to be asked for: as many as the server names at once. */
const PAGE = 100;

function People({ label, reached }: { label: string; reached: readonly Reached[] }) {
  const text = useText();
  const [shown, setShown] = useState(PAGE);
  if (reached.length === 0) return <p className="text-muted">{text.nobodyYet}</p>;
  return (
    <>
      <ul aria-label={label}>
        {reached.slice(0, shown).map((one) => (
          <li key={one.user_id}>
            <PersonAt {...one} />
          </li>
        ))}
      </ul>
      {reached.length > shown && (
        <Button kind="quiet" className="w-full" onClick={() => setShown(shown + PAGE)}>
          {text.more}
        </Button>
      )}
    </>
  );
}

function PersonAt({ user_id, at }: Reached) {
  const language = useLocale();
  const name = useName(user_id);
  const user = useUser(user_id);
  return (
    <div className="flex items-center gap-3 py-1.5">
      <Avatar id={user_id} name={name} url={user?.avatar_url} size="small" />
      <span dir="auto" className="min-w-0 flex-1 truncate">
        {name || "…"}
      </span>
      <time dateTime={new Date(at).toISOString()} className="shrink-0 text-sm text-muted">
        {fullTime(language, at)}
      </time>
    </div>
  );
}
