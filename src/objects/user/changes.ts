import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { refusal } from "../../protocol/errors.ts";
import type { ChangeOutcome } from "../conversation/rpc.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";

/** Has a conversation changed for a user; whether a change that was not answered was made, its user sees. */
export async function submitChange<T extends object>(
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
