import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { configOf } from "../config.ts";
import type { AppEnv } from "./app-env.ts";
import { refuse } from "./refusal-error.ts";

/** Turns away a body over `max_frame_bytes` before anyone parses it; one of unknown length is counted while it comes in. */
export const limitBody = createMiddleware<AppEnv>((c, next) => {
  const maxSize = configOf(c.env).limits.max_frame_bytes;
  const onError = () => {
    throw refuse("payload_too_large", `A body may have ${maxSize} bytes`);
  };
  return bodyLimit({ maxSize, onError })(c, next);
});
