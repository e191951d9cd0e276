import { useMemo, useRef } from "react";
import type { Conversation, ShownMessage } from "../../../sdk/index.ts";
import { readDraft, saveDraft } from "../data/drafts.ts";
import { useAction } from "../data/use-action.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import type { Writing } from "./composer.tsx";
import type { MessageCommands } from "./message-commands.ts";

interface CommandContext {
  readonly conversation: Conversation;
  readonly write: (writing: Writing) => void;
  readonly ask: MessageCommands["ask"];
  readonly jumpTo: (seq: number) => void;
}

/** The same object all the time: messages that have not changed need not be drawn again. */
export function useMessageCommands(context: CommandContext): MessageCommands {
  const text = useText();
  const { user_id } = useSignedIn();
  const { run } = useAction();
  const latest = useRef(context);
  latest.current = context;
  return useMemo(() => {
    const { conversation } = latest.current;
    const withId = (message: ShownMessage, act: (message_id: string) => unknown) => {
      const { message_id } = message;
      if (message_id !== null) void run(() => act(message_id));
    };
    return {
      reply: ({ seq }) => {
        const { conversation_id } = conversation;
        const { content } = readDraft(user_id, conversation_id);
        saveDraft(user_id, conversation_id, { content, reply_to_seq: seq });
        latest.current.write({ reply_to_seq: seq, edited: null });
      },
      edit: (message) => latest.current.write({ reply_to_seq: null, edited: message }),
      ask: (about, message) => latest.current.ask(about, message),
      copy: ({ content }) =>
        void run(async () => {
          await navigator.clipboard.writeText(content);
          notify(text.copied);
        }),
      togglePin: (message) =>
        withId(message, (message_id) =>
          message.pinned_at === undefined ? conversation.pin(message_id) : conversation.unpin(message_id),
        ),
      toggleReaction: (message, emoji) =>
        withId(message, (message_id) => {
          const isThere = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
          return isThere ? conversation.unreact(message_id, emoji) : conversation.react(message_id, emoji);
        }),
      retry: ({ client_message_id }) => client_message_id && conversation.retry(client_message_id),
      discard: ({ client_message_id }) => client_message_id && conversation.drop(client_message_id),
      jumpTo: (seq) => latest.current.jumpTo(seq),
    };
  }, [run, text, user_id]);
}
