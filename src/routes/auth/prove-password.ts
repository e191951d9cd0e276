import type { Context } from "hono";
import { limiterOf } from "../../middleware/address-limit.ts";
import type { AppEnv } from "../../middleware/app-env.ts";
import { demand, refuse } from "../../middleware/refusal-error.ts";
import { hashing } from "./hashing.ts";

/**
 * Refuses the request unless the password is right. A wrong one counts against `account` (a hash of what it is tried for); what
 * could not be judged, because too many wait, does not (LIM-2).
 */
export async function provePassword<E extends AppEnv>(
  c: Context<E>,
  account: string,
  verify: () => Promise<boolean>,
): Promise<void> {
  const limiter = limiterOf(c.env, c.req.raw);
  demand(await limiter.attempt(account));
  let isRight = true;
  try {
    isRight = await hashing(verify);
  } finally {
    if (isRight) await limiter.forgive(account);
  }
  if (!isRight) throw refuse("invalid_credentials");
}
