import type { ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { errorFields, log } from "../observability/log.ts";
import { invalidRequest, type Refusal, refusal } from "../protocol/errors.ts";
import type { AppEnv } from "./app-env.ts";
import { isDependencyFault } from "./faults.ts";
import { problemResponse } from "./problem.ts";
import { RefusalError } from "./refusal-error.ts";

/** The one place where an error becomes an answer: the reason goes to the log, only the code and a safe text to the client. */
export const errorBoundary: ErrorHandler<AppEnv> = (error, c) => {
  const cause = refusalOf(error);
  if (cause.code === "internal" || cause.code === "unavailable") {
    log(cause.code === "internal" ? "error" : "warn", "request failed", {
      request_id: c.var.request_id,
      code: cause.code,
      ...errorFields(error),
    });
  }
  const answer = problemResponse(cause, c.var.request_id);
  // What was set before the refusal goes along, as the end of a cookie.
  return c.newResponse(answer.body, answer);
};

export const notFound: NotFoundHandler<AppEnv> = (c) =>
  problemResponse(refusal("not_found", "There is no such route"), c.var.request_id);

function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusalError) return error.refusal;
  if (error instanceof HTTPException) return refusalOfHttp(error);
  return refusal(isDependencyFault(error) ? "unavailable" : "internal");
}

/** What the framework itself turns away before a schema is asked. */
function refusalOfHttp(error: HTTPException): Refusal {
  if (error.status === 415) {
    return invalidRequest([{ path: "", message: "send JSON, with Content-Type: application/json" }]);
  }
  return error.status < 500
    ? invalidRequest([{ path: "", message: "the body is not JSON" }])
    : refusal("internal");
}
