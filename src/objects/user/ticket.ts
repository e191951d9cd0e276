import { base64url } from "jose";

const SECRET_BYTES = 32;

/** A ticket names its user, so that the Worker knows which object to ask; the secret proves it. */
export function newTicket(user_id: string): string {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `${user_id}.${base64url.encode(secret)}`;
}

/** Only the hash is stored: whoever reads the table cannot connect. */
export async function hashTicket(ticket: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ticket));
  return base64url.encode(new Uint8Array(digest));
}
