import { z } from "zod";
import { type ErrorCode, type FieldError, fieldErrorSchema } from "../src/protocol/errors.ts";

/**
 * A code of docs/protocol.md §1 (a newer server may know more of them), or what only a client can tell: `network`, nobody
 * answered; `bad_answer`, something else than UIM did; `signed_out`, there is no session to ask with.
 */
export type UimErrorCode = ErrorCode | "network" | "bad_answer" | "signed_out" | (string & {});

/** Problem details as the client reads them: of any server, also one with codes that it does not know. */
const problemSchema = z.object({
  code: z.string(),
  title: z.string().optional(),
  detail: z.string().optional(),
  request_id: z.string().optional(),
  retry_after_ms: z.number().optional(),
  errors: z.array(fieldErrorSchema).optional(),
});

export interface UimErrorDetails {
  readonly status?: number | undefined;
  readonly request_id?: string | undefined;
  readonly retry_after_ms?: number | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly cause?: unknown;
}

/** What the server refused, or what came in the way. */
export class UimError extends Error {
  override readonly name = "UimError";
  readonly code: UimErrorCode;
  /** Of the HTTP answer, if there was one. */
  readonly status: number | null;
  /** Under which the server has logged the request. */
  readonly request_id: string | null;
  /** So long the server wants to be left alone, if it said so. */
  readonly retry_after_ms: number | null;
  /** Which fields did not fit. */
  readonly errors: readonly FieldError[];

  constructor(code: UimErrorCode, message: string, details: UimErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.status = details.status ?? null;
    this.request_id = details.request_id ?? null;
    this.retry_after_ms = details.retry_after_ms ?? null;
    this.errors = details.errors ?? [];
  }
}

/** The error that an HTTP answer tells of: its problem document, or what can be said without one. */
export function errorOfAnswer(status: number, headers: Headers, body: unknown): UimError {
  const { data: problem } = problemSchema.safeParse(body);
  const request_id = problem?.request_id ?? headers.get("X-Request-Id") ?? undefined;
  const retry_after_ms = problem?.retry_after_ms ?? retryAfterOf(headers);
  if (!problem) {
    const code = status === 503 ? "unavailable" : status === 429 ? "rate_limited" : "bad_answer";
    return new UimError(code, `The server answered with ${status}`, { status, request_id, retry_after_ms });
  }
  const message = problem.detail ?? problem.title ?? problem.code;
  return new UimError(problem.code, message, { status, request_id, retry_after_ms, errors: problem.errors });
}

/** In seconds (RFC 9110 §10.2.3); a date is of no use to a clock that may be wrong. */
function retryAfterOf(headers: Headers): number | undefined {
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
