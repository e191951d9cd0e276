import { openDatabase } from "../db/client.ts";
import { purgeExpired } from "../db/sessions.ts";
import { keyRingOf } from "../middleware/key-ring.ts";
import { errorFields, log } from "../observability/log.ts";

/** The nightly round: rotates the signing keys when that is due and deletes what has expired. Safe to run at any time. */
export async function maintain(env: Env, now: number): Promise<void> {
  try {
    await keyRingOf(env).rotate(now);
    await purgeExpired(openDatabase(env.DB), now);
    log("info", "maintenance done");
  } catch (error) {
    log("error", "maintenance failed; the next round tries again", errorFields(error));
    throw error;
  }
}
