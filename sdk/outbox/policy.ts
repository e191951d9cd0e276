import type { UimErrorCode } from "../errors.ts";
import { backoffDelay } from "../transport/backoff.ts";

/** What becomes of a message that the server did not take. */
export type AfterRefusal =
  | { readonly kind: "retry"; readonly delay_ms: number }
  | { readonly kind: "wait_for_session" }
  | { readonly kind: "fail" };

/** `internal` may be the message's own fault: it is not repeated for ever. */
const MAX_INTERNAL = 5;

export function judgeRefusal(
  code: UimErrorCode,
  attempts: number,
  retry_after_ms: number | null,
  random: number,
): AfterRefusal {
  switch (code) {
    case "rate_limited":
    case "unavailable":
    case "network":
      return { kind: "retry", delay_ms: backoffDelay(attempts, random, retry_after_ms ?? 0) };
    case "internal":
      return attempts >= MAX_INTERNAL
        ? { kind: "fail" }
        : { kind: "retry", delay_ms: backoffDelay(attempts, random) };
    case "unauthenticated":
    case "token_expired":
    case "session_revoked":
      return { kind: "wait_for_session" };
    default:
      return { kind: "fail" };
  }
}
