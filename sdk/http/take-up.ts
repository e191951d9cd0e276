import type { Cancel, Environment } from "../environment.ts";
import { ownerOf } from "../storage/own-storage.ts";
import type { ClientStorage } from "../storage/storage.ts";
import type { Session } from "./session.ts";

/** So long the server may take to say who is signed in, before it is taken to be whoever it was. */
const PATIENCE_MS = 3_000;

/**
 * Takes up the session that was kept; false if there is none. Only the server can tell by the cookie whose it is: until it does, if not
 * soon, it is whoever the storage holds something of.
 */
export async function takeUp(
  session: Session,
  storage: ClientStorage,
  environment: Environment,
): Promise<boolean> {
  if (session.user_id !== null) return true;
  const { generation } = session;
  const asked = session.resume();
  // Tokens that the app keeps say whose they are, however long it takes to get at them.
  if (!session.useCookie) return asked;
  const answered = asked.catch(() => null);
  const user_id = await ownerOf(storage);
  if (user_id === null) return asked;
  const answer = await unlessLate(answered, environment);
  // Who has signed in or out meanwhile has.
  if (answer === null && generation === session.generation) session.assume(user_id);
  return session.user_id !== null;
}

/** Null if it takes too long. */
async function unlessLate<T>(answer: Promise<T>, { setTimer }: Environment): Promise<T | null> {
  let cancel: Cancel = () => undefined;
  const late = new Promise<null>((resolve) => {
    cancel = setTimer(() => resolve(null), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
