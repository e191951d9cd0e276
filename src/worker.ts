export { ConversationObject } from "./objects/conversation/conversation-object.ts";
export { LimiterObject } from "./objects/limiter/limiter-object.ts";
export { UserObject } from "./objects/user/user-object.ts";

export default {
  fetch: () => new Response("UIM"),
} satisfies ExportedHandler<Env>;
