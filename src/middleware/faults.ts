/** D1's ways of saying that it, not the statement, is the problem. */
const D1_FAULT = /network connection lost|to be reset|was reset|db reset|overloaded|transient issue/i;

/** SQLite's ways of saying so: the disk is full, cannot be read or written, or someone else holds the file. */
const STORAGE_FAULT = /\bSQLITE_(FULL|IOERR|BUSY|LOCKED|CANTOPEN|READONLY)/;

/** What the platform shows of a failure of its own in another object: an error of our code keeps its message. */
const PLATFORM_FAULT = /^internal error; reference = /;

/** True if a dependency failed, so that the same request may work later; false if we did. Looks through the causes. */
export function isDependencyFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Marks that the errors of a stub carry (Durable Objects, "Error handling").
  if ("retryable" in error && error.retryable === true) return true;
  if ("overloaded" in error && error.overloaded === true) return true;
  if (error.message.startsWith("D1_ERROR") && D1_FAULT.test(error.message)) return true;
  // Drizzle's wrapper repeats the query and what was bound to it: a client's text must not pass for a fault.
  const isWrapper = "params" in error && error.cause !== undefined;
  if (!isWrapper && (STORAGE_FAULT.test(error.message) || PLATFORM_FAULT.test(error.message))) return true;
  return isDependencyFault(error.cause);
}
