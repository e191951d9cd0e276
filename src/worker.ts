import { openDatabase } from "./db/client.ts";
import { publishConversation } from "./db/directory.ts";
import type { DirectoryChange } from "./domain/directory.ts";
import { ConversationObject as UnwiredConversationObject } from "./objects/conversation/conversation-object.ts";
import { createApp } from "./routes/index.ts";
import { maintain } from "./routes/maintenance.ts";

export { LimiterObject } from "./objects/limiter/limiter-object.ts";
export { UserObject } from "./objects/user/user-object.ts";

/** Objects do not know the database: here the conversation's outbox is given its way to the directory. */
export class ConversationObject extends UnwiredConversationObject {
  protected override readonly publish = (change: DirectoryChange) =>
    publishConversation(openDatabase(this.env.DB), change);
}

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => maintain(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
