import type { Identity } from "../../domain/identity.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { ClientTypingFrame } from "../../protocol/frames/typing-indicator.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { TypingPace } from "../runtime/typing-pace.ts";
import type { InboxBook } from "./inbox-book.ts";
import type { Quota } from "./quota.ts";

export interface UserTypingContext {
  readonly user_id: string;
  readonly book: InboxBook;
  readonly quota: Quota;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "act">;
}

/** What a user's devices say of its typing, on the way to the conversations (TYPE-1). */
export class UserTyping {
  readonly #context: UserTypingContext;
  readonly #pace = new TypingPace();

  constructor(context: UserTypingContext) {
    this.#context = context;
  }

  /** Asks the conversation, whose members alone may. What is too much costs no call; over many conversations requests count. */
  async say(
    { session_id }: Pick<Identity, "session_id">,
    { conversation_id, is_typing }: ClientTypingFrame["payload"],
    now: number,
  ): Promise<Refusal | null> {
    const { user_id, book, quota, conversation } = this.#context;
    const inbox = book.get(conversation_id);
    if (inbox?.left_seq !== null) return refusal("conversation_not_found");
    if (!this.#pace.admits(conversation_id, is_typing, now)) return null;
    const limited = quota.takeRequest(session_id, now);
    if (limited) return limited;
    try {
      const cause = await withTimeLimit(
        conversation(conversation_id).act(user_id, { kind: "type", is_typing }),
      );
      return cause && { ...cause };
    } catch (error) {
      // Nobody misses it for long.
      log("warn", "typing was not passed on", { conversation_id, ...errorFields(error) });
      return null;
    }
  }
}
