import type { JWK } from "jose";
import { type KeyRules, nextKeySignsFrom, outlivedKeys, signingKeyAt } from "../domain/signing-keys.ts";
import { createSigningKey, importPublicKey, type StoredKey, unwrapPrivateKey } from "./signing-key.ts";

/** Where the keys are kept. */
export interface KeyStore {
  list(): Promise<StoredKey[]>;
  /** Stores `key`, unless there is one that begins to sign later than `signs_after`: of two at once, one wins. */
  insertUnlessNewer(key: StoredKey, signs_after: number): Promise<void>;
  remove(kids: string[]): Promise<void>;
  /** The store could not be reached; what was loaded before goes on serving. */
  reportOutage(error: unknown): void;
}

/** So long what was loaded counts as fresh. Far shorter than the hour by which a new key is published ahead. */
const FRESH_MS = 5 * 60_000;
/** A token that names an unknown key, or a store that cannot be reached, makes the ring look again at most so often. */
const RELOAD_PAUSE_MS = 10_000;

/**
 * The keys of this isolate. All of it is a cache of the store and is loaded again when it is gone or stale; while the
 * store cannot be reached, what was loaded before goes on verifying, so that chat does not stop with D1.
 */
export class KeyRing {
  readonly #store: KeyStore;
  readonly #masterKey: Uint8Array;
  readonly #rules: KeyRules;
  #keys: StoredKey[] = [];
  #freshUntil = 0;
  #unknownKidAllowedAt = 0;
  readonly #privateKeys = new Map<string, CryptoKey>();
  readonly #publicKeys = new Map<string, CryptoKey>();

  constructor(store: KeyStore, masterKey: Uint8Array, rules: KeyRules) {
    this.#store = store;
    this.#masterKey = masterKey;
    this.#rules = rules;
  }

  /** The key to sign with now; makes the first one if there is none. */
  async signingKey(now: number): Promise<{ kid: string; key: CryptoKey }> {
    await this.#refresh(now);
    if (!signingKeyAt(this.#keys, now)) await this.rotate(now);
    const current = signingKeyAt(this.#keys, now);
    if (!current) throw new Error("there is no key to sign with");
    const known = this.#privateKeys.get(current.kid);
    const key = known ?? (await unwrapPrivateKey(current, this.#masterKey));
    this.#privateKeys.set(current.kid, key);
    return { kid: current.kid, key };
  }

  /** The key that verifies tokens of `kid`, or null if there is none. */
  async verificationKey(kid: string, now: number): Promise<CryptoKey | null> {
    await this.#refresh(now);
    if (!this.#find(kid) && now >= this.#unknownKidAllowedAt) {
      this.#unknownKidAllowedAt = now + RELOAD_PAUSE_MS;
      await this.#load(now);
    }
    const stored = this.#find(kid);
    if (!stored) return null;
    const key = this.#publicKeys.get(kid) ?? (await importPublicKey(stored.public_jwk));
    this.#publicKeys.set(kid, key);
    return key;
  }

  /** What `/.well-known/jwks.json` shows: every key that signs, will sign soon, or has living tokens. */
  async publicKeys(now: number): Promise<JWK[]> {
    await this.#refresh(now);
    return this.#keys.map((key) => key.public_jwk);
  }

  /** Makes the next key when it is due and drops those without living tokens. Harmless when run twice at once. */
  async rotate(now: number): Promise<void> {
    await this.#load(now);
    const signs_from = nextKeySignsFrom(this.#keys, this.#rules, now);
    if (signs_from !== null) {
      const key = await createSigningKey(this.#masterKey, { created_at: now, signs_from });
      const newest = Math.max(0, ...this.#keys.map((known) => known.signs_from));
      await this.#store.insertUnlessNewer(key, newest);
      await this.#load(now);
    }
    const outlived = outlivedKeys(this.#keys, this.#rules, now);
    if (outlived.length > 0) {
      await this.#store.remove(outlived);
      await this.#load(now);
    }
  }

  #find(kid: string): StoredKey | undefined {
    return this.#keys.find((key) => key.kid === kid);
  }

  async #refresh(now: number): Promise<void> {
    if (now < this.#freshUntil) return;
    // Who comes while this one loads goes on with what is here. There is no promise to share: it would belong to
    // this request, and die with it.
    if (this.#keys.length > 0) this.#freshUntil = now + RELOAD_PAUSE_MS;
    try {
      await this.#load(now);
    } catch (error) {
      if (this.#keys.length === 0) throw error;
      this.#store.reportOutage(error);
    }
  }

  async #load(now: number): Promise<void> {
    this.#keys = await this.#store.list();
    this.#freshUntil = now + FRESH_MS;
  }
}
