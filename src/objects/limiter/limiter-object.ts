import { DurableObject } from "cloudflare:workers";
import { type Bucket, type BucketRule, fullAt, giveBack, take } from "../../domain/token-bucket.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { parseLimits } from "../../protocol/limits.ts";
import { AttemptStore } from "./attempt-store.ts";
import type { LimiterRpc } from "./rpc.ts";

const MINUTE_MS = 60_000;

/** Counts what one client address does. */
export class LimiterObject extends DurableObject<Env> implements LimiterRpc {
  readonly #rules: Record<"request" | "connection" | "attempt", BucketRule>;
  readonly #attempts: AttemptStore;
  /**
   * Kept in memory only, and begun full again after an eviction: the bucket of an address that is quiet for 10 s,
   * when that may come, has refilled by a sixth. The price of a request that costs no write.
   */
  readonly #buckets = new Map<"request" | "connection", Bucket>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const limits = parseLimits({ ...env });
    this.#rules = {
      request: { capacity: limits.requests_per_minute_per_ip, per_ms: MINUTE_MS },
      connection: { capacity: limits.connections_per_minute_per_ip, per_ms: MINUTE_MS },
      attempt: { capacity: limits.auth_attempts_per_5_minutes, per_ms: 5 * MINUTE_MS },
    };
    this.#attempts = new AttemptStore(ctx.storage);
  }

  async take(kind: "request" | "connection"): Promise<Refusal | null> {
    const taking = take(this.#buckets.get(kind), this.#rules[kind], 1, Date.now());
    this.#buckets.set(kind, taking.bucket);
    return taking.allowed ? null : tooMany(taking.retry_after_ms);
  }

  /** Stored when it is made, not when it has failed: attempts made at once would all be let through. */
  async attempt(account: string): Promise<Refusal | null> {
    const taking = take(this.#attempts.find(account), this.#rules.attempt, 1, Date.now());
    if (!taking.allowed) return tooMany(taking.retry_after_ms);
    this.#attempts.save(account, taking.bucket);
    await this.#sweepWhenFull(taking.bucket);
    return null;
  }

  async forgive(account: string): Promise<void> {
    const bucket = this.#attempts.find(account);
    if (!bucket) return;
    const restored = giveBack(bucket, this.#rules.attempt, 1, Date.now());
    if (restored.tokens >= this.#rules.attempt.capacity) this.#attempts.delete(account);
    else this.#attempts.save(account, restored);
  }

  async ping(): Promise<void> {
    this.ctx.storage.sql.exec("SELECT 1").one();
  }

  /** Forgets buckets that have filled up again, and then, when none is left, everything. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const left = this.#attempts.list().filter((row) => {
      if (fullAt(row, this.#rules.attempt) > now) return true;
      this.#attempts.delete(row.account);
      return false;
    });
    const [next] = left;
    if (next) await this.#sweepWhenFull(next);
    else await this.ctx.storage.deleteAll();
  }

  /** One alarm serves all accounts; one that is set already is soon enough. */
  async #sweepWhenFull(bucket: Bucket): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    await this.ctx.storage.setAlarm(fullAt(bucket, this.#rules.attempt));
  }
}

function tooMany(retry_after_ms: number): Refusal {
  return { ...refusal("rate_limited"), retry_after_ms };
}
