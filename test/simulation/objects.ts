import type { DirectoryChange } from "../../src/domain/directory.ts";
import { conversationSocketSchema } from "../../src/objects/conversation/attachment.ts";
import { ConversationObject as UnwiredConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { deviceSocketSchema } from "../../src/objects/user/attachment.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import type { Directory } from "./directory.ts";
import { construct, type Platform } from "./platform/platform.ts";
import type { Bindings } from "./worker.ts";

/** Puts the real classes of objects on a platform, wired as in `src/worker.ts`, and answers the Worker's bindings. */
export function deployObjects(
  platform: Platform,
  directory: Directory,
  vars: Readonly<Record<string, string>>,
): Bindings {
  class ConversationObject extends UnwiredConversationObject {
    protected override readonly publish = (change: DirectoryChange) => directory.publish(change);
  }
  const bindings: Bindings = {
    USERS: platform.namespace({
      letter: "U",
      create: (state) => construct(UserObject, state, env),
      isAttachment: (value) => deviceSocketSchema.safeParse(value).success,
    }),
    CONVERSATIONS: platform.namespace({
      letter: "C",
      create: (state) => construct(ConversationObject, state, env),
      isAttachment: (value) => conversationSocketSchema.safeParse(value).success,
    }),
  };
  const env = { ...vars, ...bindings };
  return bindings;
}
