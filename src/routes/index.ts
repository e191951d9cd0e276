import { Hono } from "hono";
import { accessLog } from "../middleware/access-log.ts";
import { limitAddress } from "../middleware/address-limit.ts";
import { allowOrigins } from "../middleware/allow-origins.ts";
import type { AppEnv } from "../middleware/app-env.ts";
import { errorBoundary, notFound } from "../middleware/error-boundary.ts";
import { limitBody } from "../middleware/limit-body.ts";
import { requestId } from "../middleware/request-id.ts";
import { securityHeaders } from "../middleware/security-headers.ts";
import { limitTime } from "../middleware/time-limit.ts";
import { adminRoutes } from "./admin.ts";
import { loginRoutes } from "./auth/login.ts";
import { passwordRoutes } from "./auth/password.ts";
import { refreshRoutes } from "./auth/refresh.ts";
import { registerRoutes } from "./auth/register.ts";
import { sessionRoutes } from "./auth/sessions.ts";
import { connectRoutes } from "./connect.ts";
import { conversationRoutes } from "./conversations/conversation.ts";
import { createConversationRoutes } from "./conversations/create.ts";
import { forwardRoutes } from "./conversations/forward.ts";
import { inboxRoutes } from "./conversations/inbox.ts";
import { inviteRoutes } from "./conversations/invites.ts";
import { memberRoutes } from "./conversations/members.ts";
import { messageChangeRoutes } from "./conversations/message-changes.ts";
import { messageRoutes } from "./conversations/messages.ts";
import { readRoutes } from "./conversations/read.ts";
import { docsRoutes } from "./docs.tsx";
import { healthRoutes } from "./health.ts";
import { jwksRoutes } from "./jwks.ts";
import { blockRoutes } from "./people/blocks.ts";
import { friendRoutes } from "./people/friends.ts";
import { presenceRoutes } from "./presence.ts";
import { createRouter } from "./router.ts";
import { searchRoutes } from "./search.ts";
import { socketRoutes } from "./sockets.ts";
import { suspensionRoutes } from "./suspensions.ts";
import { userRoutes } from "./users.ts";

/** Every route and what stands before it, outermost first. */
export function createApp() {
  const api = createRouter();
  for (const routes of [
    registerRoutes,
    loginRoutes,
    refreshRoutes,
    sessionRoutes,
    passwordRoutes,
    userRoutes,
    presenceRoutes,
    friendRoutes,
    blockRoutes,
    createConversationRoutes,
    inboxRoutes,
    conversationRoutes,
    memberRoutes,
    inviteRoutes,
    messageRoutes,
    messageChangeRoutes,
    forwardRoutes,
    readRoutes,
    searchRoutes,
    connectRoutes,
    adminRoutes,
    suspensionRoutes,
  ]) {
    api.route("/", routes);
  }

  const app = createRouter();
  app.use(requestId, accessLog, securityHeaders, limitTime);
  app.onError(errorBoundary);
  app.notFound(notFound);
  app.route("/", healthRoutes);
  app.route("/", jwksRoutes);
  app.route("/", socketRoutes);
  // On the app, not on `api`: that is mounted twice, and what stood on it under /api would run for /api/v1 once more.
  app.use("/api/*", allowOrigins, limitAddress("request"), limitBody);
  api.route("/", docsRoutes(app));
  app.route("/api", api);
  // The same routes once more, behind a plain Hono: the document lists each of them once.
  app.route("/api/v1", new Hono<AppEnv>().route("/", api));
  return app;
}
