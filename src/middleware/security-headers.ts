import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";

const DEFAULTS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
};

/** Headers of an answer made for programs; a route that serves something else has set its own. */
export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  // The headers of a completed upgrade are no longer ours to change.
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
});
