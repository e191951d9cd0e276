import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { refusal } from "../../protocol/errors.ts";
import type { Message, MessageEdit } from "../../protocol/message.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";

/** An edit on its way from a user's object to the conversation. */
export interface Edit extends MessageEdit {
  readonly message_id: string;
}

/** Takes a user's edit to the conversation; whether one that was not answered was made, its user sees. */
export async function submitEdit(
  conversation: Pick<ConversationRpc, "changeMessage">,
  user_id: string,
  { message_id, ...edit }: Edit,
): Promise<Result<Message>> {
  try {
    const command = { kind: "edit", edit } as const;
    const changed = await withTimeLimit(conversation.changeMessage(user_id, message_id, command));
    // What came over RPC is copied, not passed on: it carries a disposer, which would keep the callee awake.
    return changed.ok ? accepted({ ...changed.value }) : refused({ ...changed.refusal });
  } catch (error) {
    log("warn", "an edit was not answered", { message_id, ...errorFields(error) });
    return refused(refusal("unavailable"));
  }
}
