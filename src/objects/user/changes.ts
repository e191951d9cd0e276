import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { Conversation } from "../../protocol/conversation.ts";
import { refusal } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/message.ts";
import type { GroupCommand, Joining, MessageCommand } from "../conversation/commands.ts";
import type { ChangeOutcome, ConversationRpc } from "../conversation/rpc.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import type { MessageQuota } from "./message-quota.ts";
import type { SpamWatch } from "./spam-watch.ts";

export interface ChangesContext {
  readonly user_id: string;
  readonly messages: MessageQuota;
  readonly spam: SpamWatch;
  readonly conversation: (
    conversation_id: string,
  ) => Pick<ConversationRpc, "changeMessage" | "changeGroup" | "acceptInvite">;
}

/** What a user changes in its conversations. Each adds to the log as a message would, and counts as one (LIM-1). */
export class Changes {
  readonly #context: ChangesContext;

  constructor(context: ChangesContext) {
    this.#context = context;
  }

  /** What an edit says is as good as sent. */
  message(conversation_id: string, message_id: string, command: MessageCommand): Promise<Result<Message>> {
    const { user_id, spam, conversation } = this.#context;
    const change = () =>
      this.#change(conversation_id, () =>
        conversation(conversation_id).changeMessage(user_id, message_id, command),
      );
    return command.kind === "edit" ? spam.guard(command.edit.content, conversation_id, change) : change();
  }

  group(conversation_id: string, command: GroupCommand): Promise<Result<Conversation>> {
    const { user_id, conversation } = this.#context;
    return this.#change(conversation_id, () => conversation(conversation_id).changeGroup(user_id, command));
  }

  join(conversation_id: string, joining: Joining, secret: string): Promise<Result<Conversation>> {
    const { conversation } = this.#context;
    return this.#change(conversation_id, () => conversation(conversation_id).acceptInvite(joining, secret));
  }

  async #change<T extends object>(
    conversation_id: string,
    submit: () => PromiseLike<Result<ChangeOutcome<T>>>,
  ): Promise<Result<T>> {
    const changed = await this.#context.messages.spendOn(
      () => submitted(conversation_id, submit),
      ({ is_logged }) => !is_logged,
    );
    return changed.ok ? accepted(changed.value.after) : changed;
  }
}

/** Whether a change that was not answered was made, its user sees. */
async function submitted<T extends object>(
  conversation_id: string,
  submit: () => PromiseLike<Result<ChangeOutcome<T>>>,
): Promise<Result<ChangeOutcome<T>>> {
  try {
    const changed = await withTimeLimit(submit());
    // What came over RPC is copied, not passed on: it carries a disposer, which would keep the callee awake.
    return changed.ok ? accepted({ ...changed.value }) : refused({ ...changed.refusal });
  } catch (error) {
    log("warn", "a change was not answered", { conversation_id, ...errorFields(error) });
    return refused(refusal("unavailable"));
  }
}
