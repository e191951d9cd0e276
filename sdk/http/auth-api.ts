import { pageSchema } from "../../src/protocol/page.ts";
import { connectSchema, sessionSchema } from "../../src/protocol/session.ts";
import { type Call, nothingSchema, segment } from "./call.ts";

/** What somebody who has signed in does about sessions and sockets. */
export function authApi(call: Call) {
  return {
    logout: () => call(nothingSchema, { method: "POST", path: "/api/auth/logout" }),
    changePassword: (current_password: string, new_password: string) =>
      call(nothingSchema, {
        method: "POST",
        path: "/api/auth/password",
        body: { current_password, new_password },
      }),
    sessions: () => call(pageSchema(sessionSchema), { method: "GET", path: "/api/auth/sessions" }),
    endSession: (session_id: string) =>
      call(nothingSchema, { method: "DELETE", path: `/api/auth/sessions/${segment(session_id)}` }),
    /** A ticket for one socket. Whoever opens sockets decides itself when to ask again. */
    connect: () => call(connectSchema, { method: "POST", path: "/api/connect", retry: false }),
  };
}
