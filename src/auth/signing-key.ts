import { base64url, exportJWK, importJWK, type JWK } from "jose";
import type { KeyTimes } from "../domain/signing-keys.ts";

/** A signing key as it is stored: the private half only wrapped. */
export interface StoredKey extends KeyTimes {
  readonly public_jwk: JWK;
  readonly wrapped_private_key: string;
}

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const IV_BYTES = 12;
const WRAPPING_PURPOSE = new TextEncoder().encode("uim signing keys v1");

/** Makes an RS256 key; its private half is wrapped by AES-GCM under a key derived from the master key. */
export async function createSigningKey(
  masterKey: Uint8Array,
  times: { readonly created_at: number; readonly signs_from: number },
): Promise<StoredKey> {
  const pair = await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("an RSA key comes as a pair");
  const kid = crypto.randomUUID();
  const public_jwk = { ...(await exportJWK(pair.publicKey)), kid, alg: "RS256", use: "sig" };
  const wrapped_private_key = await wrap(await exportJWK(pair.privateKey), kid, masterKey);
  return { kid, public_jwk, wrapped_private_key, ...times };
}

/** Throws if the key was wrapped under another master key, or for another `kid`. */
export async function unwrapPrivateKey(key: StoredKey, masterKey: Uint8Array): Promise<CryptoKey> {
  const [iv, sealed] = key.wrapped_private_key.split(".").map((part) => base64url.decode(part));
  if (!iv || !sealed) throw new Error(`signing key ${key.kid} is stored in an unknown format`);
  const wrappingKey = await deriveWrappingKey(masterKey);
  const additionalData = new TextEncoder().encode(key.kid);
  try {
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, wrappingKey, sealed);
    const jwk = JSON.parse(new TextDecoder().decode(opened));
    return await crypto.subtle.importKey("jwk", jwk, RSA, false, ["sign"]);
  } catch (cause) {
    throw new Error(`signing key ${key.kid} does not open; is MASTER_KEY the one it was made under?`, {
      cause,
    });
  }
}

export async function importPublicKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, "RS256");
  if (key instanceof Uint8Array) throw new Error("a stored public key is not an RSA key");
  return key;
}

async function wrap(privateJwk: JWK, kid: string, masterKey: Uint8Array): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const additionalData = new TextEncoder().encode(kid);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData },
    await deriveWrappingKey(masterKey),
    new TextEncoder().encode(JSON.stringify(privateJwk)),
  );
  return `${base64url.encode(iv)}.${base64url.encode(new Uint8Array(sealed))}`;
}

async function deriveWrappingKey(masterKey: Uint8Array): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", masterKey, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: WRAPPING_PURPOSE },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
