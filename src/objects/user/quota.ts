import { z } from "zod";
import { available, type Bucket, type BucketRule, giveBack, take } from "../../domain/token-bucket.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { limited, RateBuckets } from "../runtime/rate-buckets.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const bucketSchema = z.object({ tokens: z.number(), at: z.number() });
const snapshotSchema = z.object({ minute: bucketSchema, hour: bucketSchema, groups: bucketSchema }).partial();
type Snapshot = z.infer<typeof snapshotSchema>;

/**
 * What a user may do in a time, over all its devices, conversations and transports (LIM-1). The slow buckets are saved
 * with each inbox row, which a user who sends writes anyway; the fast ones are full
 * again after an eviction, which comes 10 s after the last event at the earliest.
 */
export class Quota {
  readonly #rules: Record<"minute" | "hour" | "groups" | "connections" | "searches", BucketRule>;
  /** By session. */
  readonly #requests: RateBuckets;
  #saved: Snapshot;
  #connections: Bucket | undefined;
  #searches: Bucket | undefined;

  constructor(limits: Limits, saved: string | null) {
    this.#rules = {
      minute: { capacity: limits.messages_per_minute, per_ms: MINUTE_MS },
      hour: { capacity: limits.messages_per_hour, per_ms: HOUR_MS },
      groups: { capacity: limits.groups_created_per_hour, per_ms: HOUR_MS },
      connections: { capacity: limits.connections_per_minute_per_user, per_ms: MINUTE_MS },
      searches: { capacity: limits.searches_per_minute, per_ms: MINUTE_MS },
    };
    this.#requests = new RateBuckets(limits.requests_burst, limits.requests_per_second);
    this.#saved = readSnapshot(saved);
  }

  /** The slow buckets as JSON. */
  snapshot(): string {
    return JSON.stringify(this.#saved);
  }

  /** Takes as many messages as there are, at most `wanted`. */
  takeMessages(wanted: number, now: number): number {
    const { minute, hour } = this.#rules;
    const granted = Math.min(
      wanted,
      available(this.#saved.minute, minute, now),
      available(this.#saved.hour, hour, now),
    );
    this.#saved.minute = take(this.#saved.minute, minute, granted, now).bucket;
    this.#saved.hour = take(this.#saved.hour, hour, granted, now).bucket;
    return granted;
  }

  giveBackMessages(count: number, now: number): void {
    if (count === 0) return;
    this.#saved.minute = giveBack(this.#saved.minute, this.#rules.minute, count, now);
    this.#saved.hour = giveBack(this.#saved.hour, this.#rules.hour, count, now);
  }

  /** When the next message may go (ms from now). */
  messageRetryMs(now: number): number {
    const minute = take(this.#saved.minute, this.#rules.minute, 1, now);
    const hour = take(this.#saved.hour, this.#rules.hour, 1, now);
    return Math.max(minute.retry_after_ms, hour.retry_after_ms);
  }

  takeRequest(session_id: string, now: number): Refusal | null {
    return this.#requests.take(session_id, now);
  }

  /** A search is a request too; refused as either it costs neither. */
  takeSearch(session_id: string, now: number): Refusal | null {
    const { bucket, retry_after_ms } = take(this.#searches, this.#rules.searches, 1, now);
    const cause = limited(retry_after_ms) ?? this.takeRequest(session_id, now);
    if (!cause) this.#searches = bucket;
    return cause;
  }

  takeConnection(now: number): Refusal | null {
    const taking = take(this.#connections, this.#rules.connections, 1, now);
    this.#connections = taking.bucket;
    return limited(taking.retry_after_ms);
  }

  takeGroup(now: number): Refusal | null {
    const taking = take(this.#saved.groups, this.#rules.groups, 1, now);
    this.#saved.groups = taking.bucket;
    return limited(taking.retry_after_ms);
  }
}

/** Buckets that cannot be read are full: for them alone a user is not kept from everything. */
function readSnapshot(saved: string | null): Snapshot {
  if (saved === null) return {};
  try {
    return snapshotSchema.parse(JSON.parse(saved));
  } catch (error) {
    log("error", "what is left of a user's limits could not be read", errorFields(error));
    return {};
  }
}
