import { createRoute } from "@hono/zod-openapi";
import { configOf } from "../config.ts";
import { userObject } from "../middleware/objects.ts";
import { unwrap } from "../middleware/refusal-error.ts";
import { connectSchema } from "../protocol/session.ts";
import { answer, createRouter, identified, problem } from "./router.ts";

export const connectRoutes = createRouter();

connectRoutes.openapi(
  createRoute({
    ...identified,
    method: "post",
    path: "/connect",
    tags: ["Connecting"],
    summary: "A single-use ticket for one WebSocket upgrade",
    responses: { 200: answer(connectSchema, "Connect to ws_url with ?ticket="), default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const ticket = unwrap(await userObject(c.env, identity.user_id).issueTicket(identity));
    return c.json(
      {
        ws_url: socketUrl(c.req.raw),
        ...ticket,
        heartbeat_interval_ms: configOf(c.env).limits.heartbeat_interval_ms,
      },
      200,
    );
  },
);

/** Where sockets are opened. Behind a proxy that ends TLS only its header knows that the client came over https. */
function socketUrl(request: Request): string {
  const url = new URL("/ws", request.url);
  const isSecure = url.protocol === "https:" || request.headers.get("X-Forwarded-Proto") === "https";
  url.protocol = isSecure ? "wss:" : "ws:";
  return url.href;
}
