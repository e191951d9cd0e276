import { type Refusal, refusal } from "../protocol/errors.ts";
import type { InviteRequest } from "../protocol/invite.ts";

/** An invitation as its conversation keeps it. */
export interface InviteTerms {
  readonly expires_at: number | null;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly revoked: boolean;
}

export function termsOf({ expires_in, max_uses }: InviteRequest, now: number): InviteTerms {
  const expires_at = expires_in === null ? null : now + expires_in * 1000;
  return { expires_at, max_uses, uses: 0, revoked: false };
}

export function isOpen({ expires_at, max_uses, uses, revoked }: InviteTerms, now: number): boolean {
  return !revoked && (expires_at === null || now < expires_at) && (max_uses === null || uses < max_uses);
}

/** One answer for every reason, so that a code that never was tells nothing (SEC-2). */
export function refuseInvite(terms: InviteTerms | null, now: number): Refusal | null {
  return terms && isOpen(terms, now) ? null : refusal("invite_expired");
}

const CODE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})([0-9a-f]{32})$/;

/**
 * The code names the conversation, whose object alone knows the invitation, and holds the secret that opens it: accepting one
 * needs no directory. `secret`: 32 hexadecimal digits.
 */
export function encodeInviteCode(conversation_id: string, secret: string): string {
  return (conversation_id + secret).replaceAll("-", "");
}

/** Null for what cannot be a code of ours. */
export function decodeInviteCode(code: string): { conversation_id: string; secret: string } | null {
  const [, ...parts] = CODE.exec(code) ?? [];
  const secret = parts.pop();
  return secret === undefined ? null : { conversation_id: parts.join("-"), secret };
}
