/** D1's ways of saying that it, not the statement, is the problem. */
const D1_FAULT = /network connection lost|to be reset|was reset|db reset|overloaded|transient issue/i;

/** True if a dependency failed, so that the same request may work later; false if we did. Looks through the causes. */
export function isDependencyFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Marks that the errors of a stub carry (Durable Objects, "Error handling").
  if ("retryable" in error && error.retryable === true) return true;
  if ("overloaded" in error && error.overloaded === true) return true;
  if (error.message.startsWith("D1_ERROR") && D1_FAULT.test(error.message)) return true;
  return isDependencyFault(error.cause);
}
