import { userObject } from "../../middleware/objects.ts";
import { CLOSE } from "../../protocol/close-codes.ts";

const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Has the user's object close the sockets of ended sessions and refuse their access tokens (SEC-1). It comes after D1 in
 * every caller: whoever is interrupted between the two cannot refresh, and repeating the request brings it here again, unless
 * the object knows already; then its alarm closes what is still open.
 */
export async function closeSessions(
  env: Env,
  user_id: string,
  session_ids: string[],
  close_code: number = CLOSE.session_revoked,
): Promise<void> {
  if (session_ids.length === 0) return;
  for (let attempt = 1; ; attempt++) {
    try {
      // A stub that threw is broken: each attempt takes a new one.
      await userObject(env, user_id).endSessions(session_ids, close_code);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await scheduler.wait(PAUSE_MS * attempt);
    }
  }
}
