import { z } from "zod";

/**
 * The one table of error codes, for REST and sockets alike (docs/protocol.md §1): the HTTP status, and a title that is
 * safe to show to anyone.
 */
export const ERRORS = {
  invalid_request: { status: 400, title: "The request does not fit its schema" },
  unknown_type: { status: 400, title: "There is no frame of this type" },
  unauthenticated: { status: 401, title: "Sign in first" },
  token_expired: { status: 401, title: "The access token has expired" },
  session_revoked: { status: 401, title: "The session has ended" },
  invalid_credentials: { status: 401, title: "Wrong name or password" },
  refresh_reused: { status: 401, title: "The refresh token was used before; the session has ended" },
  forbidden: { status: 403, title: "Not allowed" },
  account_suspended: { status: 403, title: "The account is suspended" },
  blocked: { status: 403, title: "One of the two has blocked the other" },
  not_found: { status: 404, title: "Not found" },
  conversation_not_found: { status: 404, title: "There is no such conversation" },
  username_taken: { status: 409, title: "The user name is taken" },
  email_taken: { status: 409, title: "The e-mail address is taken" },
  conflict: { status: 409, title: "The request conflicts with the current state" },
  group_full: { status: 409, title: "The group is full" },
  last_owner: { status: 409, title: "A group needs an owner: hand over first" },
  invite_expired: { status: 410, title: "The invitation has expired, is used up, or was revoked" },
  payload_too_large: { status: 413, title: "The request is too large" },
  message_too_long: { status: 413, title: "The message is too long" },
  upgrade_required: { status: 426, title: "This address speaks WebSocket only" },
  spam_suspected: { status: 429, title: "The same text went to too many conversations; wait" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "Temporarily unavailable; try again" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
export const errorCodeSchema = z.enum(ERROR_CODES);

/** One field that did not fit, with the path to it: `payload.content`. */
export const fieldErrorSchema = z.object({ path: z.string(), message: z.string() });
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** RFC 9457 problem details. `type` is a URI reference to the code's row in the docs. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: errorCodeSchema,
    request_id: z.string(),
    errors: z.array(fieldErrorSchema).optional(),
    retry_after_ms: z.number().int().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

/** A refusal as the domain and the objects pass it around: plain data, so that it crosses RPC unchanged. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retry_after_ms?: number;
  readonly errors?: readonly FieldError[];
}

/** A refusal that arrives as text: an object's answer to an upgrade. */
export const refusalSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  retry_after_ms: z.number().exactOptional(),
});

export function refusal(code: ErrorCode, message: string = ERRORS[code].title): Refusal {
  return { code, message };
}

/** At most this many field errors are named in one answer. */
const MAX_FIELD_ERRORS = 20;

/** Turns what the validator found into field errors; `prefix` is where the checked value sits in the request. */
export function fieldErrors(error: z.core.$ZodError, prefix: readonly PropertyKey[] = []): FieldError[] {
  return error.issues.slice(0, MAX_FIELD_ERRORS).map((issue) => ({
    path: [...prefix, ...issue.path].map(String).join("."),
    message: issue.message,
  }));
}

export function invalidRequest(errors: readonly FieldError[]): Refusal {
  const [first] = errors;
  const message = first
    ? `${first.path ? `${first.path}: ` : ""}${first.message}`
    : ERRORS.invalid_request.title;
  return { code: "invalid_request", message, errors };
}
