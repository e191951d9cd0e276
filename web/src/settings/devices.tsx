import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { Card } from "../shell/pane.tsx";
import { useLocale, useText } from "../text/text.tsx";
import { fullTime } from "../text/times.ts";
import { Answered } from "../ui/answered.tsx";
import { Button } from "../ui/button.tsx";

/** Where the user is signed in, and the way to end that. */
export function Devices() {
  const text = useText();
  const language = useLocale();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  const { run, isBusy } = useAction();
  const query = useQuery({
    queryKey: ["sessions"],
    queryFn: () => client.api.sessions(),
  });
  const end = (session_id: string) =>
    void run(async () => {
      await client.api.endSession(session_id);
      await queries.invalidateQueries({ queryKey: ["sessions"] });
    });
  return (
    <Card title={text.sessions}>
      <Answered query={query}>
        {({ items }) => (
          <ul className="divide-y divide-line">
            {items.map(({ session_id, platform, name, device_id, last_used_at, current }) => {
              const Icon = platform === "ios" || platform === "android" ? Smartphone : Monitor;
              return (
                <li key={session_id} className="flex items-center gap-3 py-2.5">
                  <Icon aria-hidden size={20} className="shrink-0 text-muted" />
                  <span className="min-w-0 flex-1">
                    <span dir="auto" className="block truncate font-medium">
                      {name ?? device_id}
                    </span>
                    <span className="block truncate text-sm text-muted">
                      {current ? text.thisDevice : text.lastUsed(fullTime(language, last_used_at))}
                    </span>
                  </span>
                  {!current && (
                    <Button kind="danger" disabled={isBusy} onClick={() => end(session_id)}>
                      {text.endSession}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Answered>
    </Card>
  );
}
