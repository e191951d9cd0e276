import type { Caller } from "../../middleware/app-env.ts";
import { userObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import type { GroupCommand } from "../../objects/conversation/commands.ts";

/** By way of the caller's object, since it counts as a message (LIM-1). */
export async function changeGroup(
  env: Env,
  { identity }: Caller,
  conversation_id: string,
  command: GroupCommand,
) {
  return unwrap(await userObject(env, identity.user_id).changeGroup(conversation_id, command));
}
