import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { log } from "../observability/log.ts";
import type { AppEnv } from "./app-env.ts";

/** One line per request. It names the route's pattern: a raw path has ids in it, and a query may carry a token. */
export const accessLog = createMiddleware<AppEnv>(async (c, next) => {
  const started_at = performance.now();
  await next();
  // From the last handler that ran: a refused request has got no further than what stands before its route.
  const route = matchedRoutes(c)
    .slice(c.req.routeIndex)
    .find((matched) => matched.method !== "ALL");
  log("info", "request", {
    request_id: c.var.request_id,
    method: c.req.method,
    route: route?.path ?? "none",
    status: c.res.status,
    duration_ms: Math.round(performance.now() - started_at),
    user_id: c.get("user_id"),
  });
});
