import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { configOf } from "../config.ts";
import type { AppEnv } from "./app-env.ts";

const PREFLIGHT_SECONDS = 600;

/** CORS for the origins in CORS_ORIGINS; without any, pages of other origins read nothing. */
export const allowOrigins = createMiddleware<AppEnv>((c, next) => {
  const { cors_origins } = configOf(c.env);
  if (cors_origins.length === 0) return next();
  return cors({
    origin: (origin) => (cors_origins.includes(origin) ? origin : null),
    allowHeaders: ["Authorization", "Content-Type", "X-Request-Id"],
    exposeHeaders: ["X-Request-Id", "Retry-After"],
    maxAge: PREFLIGHT_SECONDS,
  })(c, next);
});
