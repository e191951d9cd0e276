import { clsx } from "clsx";
import { MessagesSquare } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { ConversationPane } from "../conversation/conversation-pane.tsx";
import { useObservable } from "../data/use-observable.ts";
import { InboxPane } from "../inbox/inbox-pane.tsx";
import { useText } from "../text/text.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { closeDialog, currentDialog } from "./dialogs.ts";
import { useRoute } from "./navigation.tsx";
import { useNotifications } from "./notifications.ts";
import { useShortcuts } from "./shortcuts.ts";
import { useTitle } from "./title.ts";

const SettingsPane = lazy(async () => ({
  default: (await import("../settings/settings-pane.tsx")).SettingsPane,
}));
const PeoplePane = lazy(async () => ({ default: (await import("../people/people-pane.tsx")).PeoplePane }));
const JoinPane = lazy(async () => ({ default: (await import("./join-pane.tsx")).JoinPane }));

const NewChatDialog = lazy(async () => ({ default: (await import("../inbox/new-chat.tsx")).NewChatDialog }));
const NewGroupDialog = lazy(async () => ({
  default: (await import("../inbox/new-group.tsx")).NewGroupDialog,
}));
const MuteDialog = lazy(async () => ({ default: (await import("../inbox/mute-dialog.tsx")).MuteDialog }));
const ShortcutsDialog = lazy(async () => ({
  default: (await import("./shortcuts-dialog.tsx")).ShortcutsDialog,
}));

/** List and conversation: two panes side by side, or one at a time where there is no room. */
export function Frame() {
  const route = useRoute();
  useTitle();
  useNotifications();
  useShortcuts();
  const isListFirst = route.name === "home" || route.name === "sign_in" || route.name === "sign_up";
  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <aside
          className={clsx(
            "w-full border-line bg-surface md:border-r md:block md:w-88 md:shrink-0 lg:w-96",
            isListFirst ? "block" : "hidden",
          )}
        >
          <InboxPane />
        </aside>
        <main className={clsx("min-w-0 flex-1 md:flex", isListFirst ? "hidden" : "flex")}>
          <Suspense fallback={<Loading />}>
            <Content />
          </Suspense>
        </main>
      </div>
      <Suspense>
        <Dialogs />
      </Suspense>
    </div>
  );
}

function Content(): ReactNode {
  const text = useText();
  const route = useRoute();
  switch (route.name) {
    case "conversation":
      return (
        <ConversationPane
          key={route.conversation_id}
          conversation_id={route.conversation_id}
          target_seq={route.seq}
        />
      );
    case "join":
      return <JoinPane code={route.code} />;
    case "settings":
      return <SettingsPane />;
    case "people":
      return <PeoplePane />;
    case "unknown":
      return <Empty icon={MessagesSquare} title={text.notFound} />;
    default:
      return <Empty icon={MessagesSquare} title={text.chooseChat} hint={text.chooseChatHint} />;
  }
}

function Dialogs() {
  const open = useObservable(currentDialog);
  if (open === "new_chat") return <NewChatDialog onClose={closeDialog} />;
  if (open === "new_group") return <NewGroupDialog onClose={closeDialog} />;
  if (open === "shortcuts") return <ShortcutsDialog onClose={closeDialog} />;
  return open && <MuteDialog conversation_id={open.muting} onClose={closeDialog} />;
}
