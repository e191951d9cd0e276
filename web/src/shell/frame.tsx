import { clsx } from "clsx";
import { MessagesSquare } from "lucide-react";
import type { ReactNode } from "react";
import { ConversationPane } from "../conversation/conversation-pane.tsx";
import { useObservable } from "../data/use-observable.ts";
import { InboxPane } from "../inbox/inbox-pane.tsx";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Broken, Layer, lazily, Part } from "../ui/part.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { useSignedIn } from "./context.tsx";
import { closeDialog, currentDialog, type OpenDialog } from "./dialogs.ts";
import { goToList, useRoute } from "./navigation.tsx";
import { useNotifications } from "./notifications.ts";
import { pathOf, type Route } from "./routes.ts";
import { useShortcuts } from "./shortcuts.ts";
import { Stopped } from "./stopped.tsx";
import { useTitle } from "./title.ts";

const SettingsPane = lazily(async () => (await import("../settings/settings-pane.tsx")).SettingsPane);
const PeoplePane = lazily(async () => (await import("../people/people-pane.tsx")).PeoplePane);
const JoinPane = lazily(async () => (await import("./join-pane.tsx")).JoinPane);

const NewChatDialog = lazily(async () => (await import("../inbox/new-chat.tsx")).NewChatDialog);
const NewGroupDialog = lazily(async () => (await import("../inbox/new-group.tsx")).NewGroupDialog);
const MuteDialog = lazily(async () => (await import("../inbox/mute-dialog.tsx")).MuteDialog);
const ShortcutsDialog = lazily(async () => (await import("./shortcuts-dialog.tsx")).ShortcutsDialog);

/** What somebody sees who has signed in. */
export function Frame() {
  const { client } = useSignedIn();
  const { state } = useObservable(client.connection);
  // On the device's screen these are of all windows: one that is stopped takes nothing away.
  useTitle();
  useNotifications();
  return state.phase === "stopped" ? <Stopped state={state} /> : <Panes />;
}

/** List and conversation: two panes side by side, or one at a time where there is no room. */
function Panes() {
  const route = useRoute();
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
          <Part>
            <InboxPane />
          </Part>
        </aside>
        <main className={clsx("min-w-0 flex-1 md:flex", isListFirst ? "hidden" : "flex")}>
          <Part key={keyOf(route)} loading={<Loading />} broken={(error) => <BrokenContent error={error} />}>
            <Content route={route} />
          </Part>
        </main>
      </div>
      <Dialogs />
    </div>
  );
}

/** Another key is another page: whatever has become of the one before. */
function keyOf(route: Route): string {
  return route.name === "conversation" ? pathOf(route.conversation_id) : route.name;
}

function Content({ route }: { route: Route }): ReactNode {
  const text = useText();
  switch (route.name) {
    case "conversation":
      return <ConversationPane conversation_id={route.conversation_id} target_seq={route.seq} />;
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

function BrokenContent({ error }: { error: unknown }) {
  const text = useText();
  return (
    <Broken error={error}>
      <Button kind="quiet" className="md:hidden" onClick={goToList}>
        {text.toChats}
      </Button>
    </Broken>
  );
}

function Dialogs() {
  const open = useObservable(currentDialog);
  return (
    open && (
      <Layer onClose={closeDialog}>
        <CurrentDialog open={open} />
      </Layer>
    )
  );
}

function CurrentDialog({ open }: { open: OpenDialog }) {
  if (open === "new_chat") return <NewChatDialog onClose={closeDialog} />;
  if (open === "new_group") return <NewGroupDialog onClose={closeDialog} />;
  if (open === "shortcuts") return <ShortcutsDialog onClose={closeDialog} />;
  return <MuteDialog conversation_id={open.muting} onClose={closeDialog} />;
}
