import type { TokenRules } from "../auth/access-token.ts";
import { KeyRing } from "../auth/key-ring.ts";
import { type Config, configOf } from "../config.ts";
import { openDatabase } from "../db/client.ts";
import { deleteSigningKeys, insertSigningKeyUnlessNewer, listSigningKeys } from "../db/signing-keys.ts";
import { errorFields, log } from "../observability/log.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** One ring per environment and isolate: it is a cache. */
const rings = new WeakMap<Env, KeyRing>();

export function keyRingOf(env: Env): KeyRing {
  const known = rings.get(env);
  if (known) return known;
  const config = configOf(env);
  const db = openDatabase(env.DB);
  const store = {
    list: () => listSigningKeys(db),
    insertUnlessNewer: insertSigningKeyUnlessNewer.bind(null, db),
    remove: deleteSigningKeys.bind(null, db),
    reportOutage: (error: unknown) => log("warn", "signing keys are not fresh", errorFields(error)),
  };
  const ring = new KeyRing(store, config.master_key, {
    signing_ms: config.signing_key_days * DAY_MS,
    token_ms: config.access_token_seconds * 1000,
  });
  rings.set(env, ring);
  return ring;
}

export function tokenRulesOf(config: Config): TokenRules {
  return {
    issuer: config.token_issuer,
    audience: config.token_audience,
    lifetime_seconds: config.access_token_seconds,
  };
}
