import { authApi } from "./auth-api.ts";
import type { Call } from "./call.ts";
import { conversationsApi } from "./conversations-api.ts";
import type { HttpClient } from "./http-client.ts";
import { messagesApi } from "./messages-api.ts";
import type { Session } from "./session.ts";
import { usersApi } from "./users-api.ts";

/** Every route of docs/protocol.md that a signed-in user has, with its answer checked. */
export function createApi(http: HttpClient, session: Session) {
  const call: Call = (schema, request) => http.authorized(session, schema, request);
  return { ...authApi(call), ...usersApi(call), ...conversationsApi(call), ...messagesApi(call) };
}

export type Api = ReturnType<typeof createApi>;
