import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { accepted, type Result, refused } from "../domain/result.ts";
import { refusal } from "../protocol/errors.ts";
import { type AccessClaims, accessClaimsSchema } from "../protocol/session.ts";
import type { KeyRing } from "./key-ring.ts";

const ALGORITHM = "RS256";
/** RFC 9068 §2.1: no other JWT of ours, whatever it may be for, passes as an access token. */
const TYPE = "at+jwt";

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetime_seconds: number;
}

/** Whom a token speaks for. */
export type TokenSubject = Omit<AccessClaims, "iat" | "exp" | "jti">;

export async function signAccessToken(
  keys: KeyRing,
  rules: TokenRules,
  subject: TokenSubject,
  now: number,
): Promise<string> {
  const { kid, key } = await keys.signingKey(now);
  const iat = Math.floor(now / 1000);
  return new SignJWT({ ...subject })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setIssuer(rules.issuer)
    .setAudience(rules.audience)
    .setIssuedAt(iat)
    .setExpirationTime(iat + rules.lifetime_seconds)
    .setJti(crypto.randomUUID())
    .sign(key);
}

/**
 * Reads an access token. The algorithm is ours to say, never the token's (RFC 8725 §3.1): neither `none` nor HS256 signed
 * with the public key gets anywhere. An expired token is told apart only once its signature held.
 */
export async function verifyAccessToken(
  keys: KeyRing,
  rules: TokenRules,
  token: string,
  now: number,
): Promise<Result<AccessClaims>> {
  try {
    const { payload } = await jwtVerify(token, (header) => findKey(keys, header.kid, now), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: rules.issuer,
      audience: rules.audience,
      currentDate: new Date(now),
      requiredClaims: ["exp", "iat", "sub", "jti"],
    });
    return decodeClaims(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refused(refusal("token_expired"));
    if (error instanceof errors.JOSEError) return refused(refusal("unauthenticated"));
    throw error;
  }
}

async function findKey(keys: KeyRing, kid: string | undefined, now: number): Promise<CryptoKey> {
  const key = kid === undefined ? null : await keys.verificationKey(kid, now);
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key;
}

function decodeClaims(payload: JWTPayload): Result<AccessClaims> {
  const claims = accessClaimsSchema.safeParse(payload);
  return claims.success ? accepted(claims.data) : refused(refusal("unauthenticated"));
}
