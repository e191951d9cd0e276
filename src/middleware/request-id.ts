import { createMiddleware } from "hono/factory";
import { v7 } from "uuid";
import type { AppEnv } from "./app-env.ts";

export const REQUEST_ID_HEADER = "X-Request-Id";
/** What an inbound id may look like; anything else could forge lines in a log. */
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,64}$/;

/** Every response carries an id, also errors; one that the caller or a proxy made is kept. */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const inbound = c.req.header(REQUEST_ID_HEADER);
  const request_id = inbound !== undefined && ACCEPTABLE.test(inbound) ? inbound : v7();
  c.set("request_id", request_id);
  await next();
  // The headers of a completed upgrade can no longer be changed; `sockets.ts` sets the id there.
  if (c.res.status !== 101) c.res.headers.set(REQUEST_ID_HEADER, request_id);
});
