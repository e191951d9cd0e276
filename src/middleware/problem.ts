import { ERRORS, type Problem, type Refusal } from "../protocol/errors.ts";

const PROBLEM_TYPE = "application/problem+json";
/** How long to wait when the refusal does not say: a failover takes seconds. */
const DEFAULT_RETRY_MS = 2_000;

/** A refusal as RFC 9457 problem details. */
export function problemResponse(refusal: Refusal, request_id: string): Response {
  const { status, title } = ERRORS[refusal.code];
  const retry_after_ms =
    refusal.retry_after_ms ?? (refusal.code === "unavailable" ? DEFAULT_RETRY_MS : undefined);
  const problem: Problem = {
    type: `/api/v1/docs#${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    request_id,
    ...(refusal.errors && { errors: [...refusal.errors] }),
    ...(retry_after_ms !== undefined && { retry_after_ms }),
  };
  const headers = new Headers({ "Content-Type": PROBLEM_TYPE });
  // RFC 9110 §10.2.3: whole seconds, so rounded up.
  if (retry_after_ms !== undefined) headers.set("Retry-After", String(Math.ceil(retry_after_ms / 1000)));
  // RFC 9110 §11.6.1: a 401 names the scheme that would help.
  if (status === 401) headers.set("WWW-Authenticate", "Bearer");
  if (status === 426) headers.set("Upgrade", "websocket");
  return new Response(JSON.stringify(problem), { status, headers });
}
