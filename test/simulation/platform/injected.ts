/** The sign of a failure that the simulation made; it stands in every message, and so in what is logged of it. */
const SIGN = "[injected]";

/** A failure that the simulation made, with the platform's remarks on it (`retryable`, `overloaded`, …). */
export class Injected extends Error {
  constructor(message: string, remarks: Readonly<Record<string, boolean>> = {}) {
    super(`${SIGN} ${message}`);
    Object.assign(this, remarks);
  }
}

/** Does this error, or this line of a log, go back to a failure that the simulation made? */
export function isInjected(error: unknown): boolean {
  return String(error).includes(SIGN);
}
