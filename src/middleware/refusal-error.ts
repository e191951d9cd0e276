import type { Result } from "../domain/result.ts";
import { type ErrorCode, type Refusal, refusal } from "../protocol/errors.ts";

/** A refusal on its way to the error boundary, which answers with it. */
export class RefusalError extends Error {
  override readonly name = "RefusalError";
  readonly refusal: Refusal;

  constructor(cause: Refusal) {
    super(cause.message);
    this.refusal = cause;
  }
}

export function refuse(code: ErrorCode, message?: string): RefusalError {
  return new RefusalError(refusal(code, message));
}

/** The value of a result; a refused one ends the request. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new RefusalError(result.refusal);
  return result.value;
}

/** Ends the request if there is a refusal. */
export function demand(cause: Refusal | null): void {
  if (cause) throw new RefusalError(cause);
}
