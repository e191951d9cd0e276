import worker from "../../src/worker.ts";
import { fillConversation, seedConversations } from "./seed-conversations.ts";
import { fillRequestSchema, seedConversationsSchema, seedUsersSchema } from "./seed-requests.ts";
import { seedUsers } from "./seed-users.ts";

export { ConversationObject, LimiterObject, UserObject } from "../../src/worker.ts";

/**
 * The Worker with a back door that makes users and conversations in bulk, since a registration hashes a password for
 * 100 ms. It runs on a data folder before the benchmark starts the production bundle on it, which has no such door.
 */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/bench/")) return worker.fetch(request, env, ctx);
    try {
      return Response.json(await seed(env, pathname, await request.json()));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;

function seed(env: Env, pathname: string, body: unknown): Promise<unknown> {
  switch (pathname) {
    case "/bench/users":
      return seedUsers(env, seedUsersSchema.parse(body));
    case "/bench/conversations":
      return seedConversations(env, seedConversationsSchema.parse(body));
    case "/bench/fill":
      return fillConversation(env, fillRequestSchema.parse(body));
    default:
      throw new Error(`there is no ${pathname}`);
  }
}
