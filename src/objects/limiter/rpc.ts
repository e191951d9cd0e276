import type { Refusal } from "../../protocol/errors.ts";

/** What one address may do (docs/protocol.md §6). One object per client address, named by it. */
export interface LimiterRpc {
  /** Counts a request or a connection attempt; null if it is within the limits. */
  take(kind: "request" | "connection"): Promise<Refusal | null>;
  /** Counts an attempt to sign in to `account` (a hash, so that no name is kept); null if it is within the limits. */
  attempt(account: string): Promise<Refusal | null>;
  /** Gives back the attempt of someone who proved to be the owner, so that only failures count. */
  forgive(account: string): Promise<void>;
  /** Readiness: reads its storage. */
  ping(): Promise<void>;
}
