import { createMiddleware } from "hono/factory";
import { configOf } from "../config.ts";
import type { AppEnv } from "./app-env.ts";
import { clientAddress } from "./client-address.ts";
import { demand } from "./refusal-error.ts";

/** The object that counts for the caller's address. */
export function limiterOf(env: Env, request: Request) {
  return env.LIMITERS.getByName(clientAddress(request.headers, configOf(env).client_ip_header));
}

/** Counts a request, or an attempt to connect, against the caller's address, before anything else is spent on it. */
export function limitAddress(kind: "request" | "connection") {
  return createMiddleware<AppEnv>(async (c, next) => {
    demand(await limiterOf(c.env, c.req.raw).take(kind));
    await next();
  });
}
