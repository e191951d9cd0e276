import { useQueryClient } from "@tanstack/react-query";
import { MessageSquareOff } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ConversationSnapshot } from "../../../sdk/index.ts";
import { readDraft } from "../data/drafts.ts";
import { useName, useUser } from "../data/people.ts";
import { useAction } from "../data/use-action.ts";
import { useArrival } from "../data/use-arrival.ts";
import { useRowName } from "../inbox/row-name.ts";
import { useSearchKey } from "../search/use-search-key.ts";
import { useSignedIn } from "../shell/context.tsx";
import { goToList, navigate } from "../shell/navigation.tsx";
import { pathOf } from "../shell/routes.ts";
import { useText } from "../text/text.tsx";
import { announce } from "../ui/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { Layer, lazily } from "../ui/part.tsx";
import { Empty, Failed, Loading } from "../ui/states.tsx";
import { type Asked, AskedDialog } from "./asked-dialog.tsx";
import { Composer, type Writing } from "./composer.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import { MessageList, type MessageListHandle } from "./message-list.tsx";
import { previewOf } from "./preview.ts";
import { useMessageCommands } from "./use-message-commands.ts";
import { useOpenConversation } from "./use-open-conversation.ts";

const DetailsPanel = lazily(async () => (await import("./details-panel.tsx")).DetailsPanel);
const SearchPanel = lazily(async () => (await import("../search/search-panel.tsx")).SearchPanel);

/** One conversation: what was said, and where more is written. */
export function ConversationPane({
  conversation_id,
  target_seq,
}: {
  conversation_id: string;
  /** The message to go to, as the address says it. */
  target_seq: number | null;
}) {
  const text = useText();
  const { user_id, familiarChats } = useSignedIn();
  const { conversation, snapshot, opening, again } = useOpenConversation(conversation_id);
  const [isDetailed, setDetailed] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [writing, setWriting] = useState<Writing>(() => ({
    reply_to_seq: readDraft(user_id, conversation_id).reply_to_seq,
    edited: null,
  }));
  const list = useRef<MessageListHandle>(null);
  const name = useConversationName(snapshot);
  const commands = useMessageCommands({
    conversation,
    write: setWriting,
    ask: (about, message) => setAsked({ about, message }),
    jumpTo: (seq) => list.current?.jumpTo(seq),
  });
  useAnnouncing(conversation_id);
  useEffect(() => familiarChats.learnFromOpened(snapshot), [familiarChats, snapshot]);
  useSearchKey(() => setSearching(true));
  useEffect(() => {
    if (opening.phase !== "ready" || target_seq === null) return;
    list.current?.jumpTo(target_seq);
    // Once it is there, the address is the conversation's again: the same link leads here again later.
    navigate(pathOf(conversation_id), { replace: true });
  }, [opening.phase, target_seq, conversation_id]);
  // With a mouse the field for messages has it, without one the keyboard would come up.
  const place = useArrival<HTMLElement>(matchMedia("(pointer: coarse)").matches);
  const isGone = useIsGone(snapshot);
  const endSearch = () => {
    setSearching(false);
    place.current?.focus();
  };

  if (opening.phase === "not_found" || isGone) {
    return (
      <Empty icon={MessageSquareOff} title={text.chatNotFound}>
        <Button className="mt-3" onClick={goToList}>
          {text.toChats}
        </Button>
      </Empty>
    );
  }
  return (
    <section
      ref={place}
      tabIndex={-1}
      aria-label={name}
      className="flex min-w-0 flex-1 flex-col outline-none"
    >
      <ConversationHeader
        snapshot={snapshot}
        name={name}
        onDetails={() => setDetailed(true)}
        onSearch={() => setSearching(true)}
      />
      <div className="relative flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {opening.phase === "ready" ? (
            <MessageList
              conversation={conversation}
              snapshot={snapshot}
              first_unread_seq={opening.first_unread_seq}
              commands={commands}
              handle={list}
            />
          ) : opening.phase === "failed" ? (
            <Failed error={opening.error} onRetry={again} />
          ) : (
            <Loading />
          )}
          {snapshot.row?.is_request && <RequestBar snapshot={snapshot} name={name} />}
          <Composer
            conversation={conversation}
            snapshot={snapshot}
            writing={writing}
            onWriting={setWriting}
          />
        </div>
        {isSearching && (
          <Layer onClose={endSearch}>
            <SearchPanel
              conversation_id={conversation_id}
              onJump={(seq) => list.current?.jumpTo(seq)}
              onClose={endSearch}
            />
          </Layer>
        )}
      </div>
      {isDetailed && (
        <Layer onClose={() => setDetailed(false)}>
          <DetailsPanel
            conversation={conversation}
            snapshot={snapshot}
            name={name}
            onJump={(seq) => {
              setDetailed(false);
              list.current?.jumpTo(seq);
            }}
            onClose={() => setDetailed(false)}
          />
        </Layer>
      )}
      {asked && (
        <Layer onClose={() => setAsked(null)}>
          <AskedDialog
            asked={asked}
            conversation={conversation}
            snapshot={snapshot}
            commands={commands}
            onClose={() => setAsked(null)}
          />
        </Layer>
      )}
    </section>
  );
}

/**
 * It was in the inbox and is not any more: the user was removed, or the group deleted. While the inbox is loaded anew (`reset`), there
 * is no telling.
 */
function useIsGone({ row }: ConversationSnapshot): boolean {
  const { inbox } = useSignedIn().client;
  const isLoaded = useSyncExternalStore(inbox.subscribe, () => inbox.getSnapshot().isLoaded);
  const wasThere = useRef(false);
  if (row !== null) wasThere.current = true;
  return wasThere.current && row === null && isLoaded;
}

/** From the inbox, or from the conversation itself where there is no row yet. */
function useConversationName({ row, details }: ConversationSnapshot): string {
  const fromRow = useRowName(row);
  const peer = useName(row === null ? (details?.peer_id ?? null) : null);
  return fromRow || (details?.name ?? peer);
}

/** Says what comes in while the conversation is open. */
function useAnnouncing(conversation_id: string): void {
  const text = useText();
  const { client } = useSignedIn();
  const queries = useQueryClient();
  useEffect(
    () =>
      client.on("message", (message) => {
        if (message.conversation_id !== conversation_id) return;
        const user = queries.getQueryData<{ display_name: string }>(["user", message.sender_id]);
        announce(text.messageFrom(user?.display_name ?? "", previewOf(message, text)));
      }),
    [client, conversation_id, queries, text],
  );
}

/** Above the first words of a stranger: whether they are wanted. */
function RequestBar({ snapshot, name }: { snapshot: ConversationSnapshot; name: string }) {
  const text = useText();
  const { client, familiarChats } = useSignedIn();
  const { run, isBusy } = useAction();
  const peer = useUser(snapshot.row?.peer?.user_id ?? null);
  const block = () =>
    run(async () => {
      if (peer) await client.api.block(peer.user_id);
      goToList();
    });
  const accept = () =>
    run(() => {
      familiarChats.accept(snapshot.conversation_id);
      return client.api.acceptRequest(snapshot.conversation_id);
    });
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line bg-surface px-4 py-3 text-center">
      <p className="w-full text-sm text-muted">{text.requestNotice(name)}</p>
      <Button kind="danger" disabled={isBusy || !peer} onClick={() => void block()}>
        {text.block}
      </Button>
      <Button kind="primary" disabled={isBusy} onClick={() => void accept()}>
        {text.accept}
      </Button>
    </div>
  );
}
