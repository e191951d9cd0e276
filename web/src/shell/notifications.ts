import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { InboxRow, User } from "../../../sdk/index.ts";
import { previewOf } from "../conversation/preview.ts";
import { nameOf } from "../data/people.ts";
import { notifications } from "../data/preferences.ts";
import { useObservable } from "../data/use-observable.ts";
import type { Catalogue } from "../text/en.ts";
import { useText } from "../text/text.tsx";
import { useSignedIn } from "./context.tsx";
import { navigate } from "./navigation.tsx";
import { pathOf } from "./routes.ts";
import { activeServiceWorker, withdrawNotifications } from "./service-worker.ts";
import { tellArrivals } from "./tell-arrivals.ts";

const NAME_FRESH_MS = 10 * 60_000;

/** Shows a notification of what comes while nobody looks. */
export function useNotifications(): void {
  const text = useText();
  const { client, user_id, loadUser } = useSignedIn();
  const queries = useQueryClient();
  const areOn = useObservable(notifications);
  useEffect(() => {
    if (!areOn || !("Notification" in window)) return;
    const nameOfSender = async (sender_id: string) => {
      const query = {
        queryKey: ["user", sender_id],
        queryFn: () => loadUser(sender_id),
        staleTime: NAME_FRESH_MS,
      };
      const sender = await queries.fetchQuery<User>(query).catch(() => null);
      return sender ? nameOf(sender) : text.unknownPerson;
    };
    return tellArrivals({
      client,
      user_id,
      nameOf: nameOfSender,
      show: (row, sender, message) => show(row, sender, previewOf(message, text).slice(0, 200), text),
    });
  }, [areOn, client, loadUser, queries, text, user_id]);
  useEffect(followClicks, []);
  useEffect(() => {
    let unread: ReadonlySet<string> | null = null;
    const withdrawRead = () => {
      const { rows, isLoaded } = client.inbox.getSnapshot();
      if (!isLoaded) return;
      const before = unread;
      const now = new Set(rows.flatMap((row) => (row.unread_count > 0 ? row.conversation_id : [])));
      unread = now;
      const isRead = (id: string) => !now.has(id);
      if (!before || [...before].some(isRead)) void withdrawNotifications(isRead);
    };
    withdrawRead();
    const stop = client.inbox.subscribe(withdrawRead);
    return () => {
      stop();
      // They are on the device's screen also after whoever they are for has signed out.
      void withdrawNotifications(() => true);
    };
  }, [client]);
}

async function show(
  { conversation_id, type, name }: InboxRow,
  sender: string,
  preview: string,
  text: Catalogue,
): Promise<void> {
  const isGroup = type === "group";
  const title = isGroup ? (name ?? sender) : sender;
  const path = pathOf(conversation_id);
  const options = {
    body: isGroup ? text.messageFrom(sender, preview) : preview,
    tag: conversation_id,
    icon: "/icon.svg",
    data: path,
  };
  // On Android a page cannot do it by itself: the constructor throws, whatever was allowed.
  const worker = await activeServiceWorker();
  if (worker) return worker.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    navigate(path);
    notification.close();
  };
}

/** The service worker is told of a click, and says where it leads to. */
function followClicks(): (() => void) | undefined {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const follow = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") navigate(data);
  };
  serviceWorker.addEventListener("message", follow);
  return () => serviceWorker.removeEventListener("message", follow);
}
