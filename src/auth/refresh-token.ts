import { base64url } from "jose";

const TOKEN_BYTES = 32;

/** A fresh refresh token: opaque, 256 random bits. */
export function createRefreshToken(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

/** What is stored of a token: enough to recognise it, not to use it. It is random, so a plain hash suffices. */
export async function hashToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return base64url.encode(new Uint8Array(digest));
}
