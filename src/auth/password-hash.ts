import { scrypt } from "node:crypto";
import { base64url } from "jose";

/** scrypt parameters: `log_n` is the binary logarithm of N. */
interface Cost {
  readonly log_n: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP Password Storage Cheat Sheet: N=2^14, r=8, p=5; of its equal choices the one with the smallest memory, 16 MiB. */
const CURRENT: Cost = { log_n: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const FORMAT = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

/** Hashes a password as `scrypt$14$8$5$salt$hash`: the text carries its parameters, so that they can rise. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const key = await derive(password, salt, KEY_BYTES, CURRENT);
  return ["scrypt", CURRENT.log_n, CURRENT.r, CURRENT.p, base64url.encode(salt), base64url.encode(key)].join(
    "$",
  );
}

/** Compares in constant time. Throws if `stored` is not a hash we wrote. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const { cost, salt, key } = parse(stored);
  const candidate = await derive(password, salt, key.length, cost);
  return crypto.subtle.timingSafeEqual(candidate, key);
}

/** Spends what checking a real password costs, so that an unknown user takes the same time. Always false. */
export async function verifyNothing(password: string): Promise<false> {
  await derive(password, new Uint8Array(SALT_BYTES), KEY_BYTES, CURRENT);
  return false;
}

/** True if any parameter is lower than today's. */
export function needsRehash(stored: string): boolean {
  const { cost } = parse(stored);
  return cost.log_n < CURRENT.log_n || cost.r < CURRENT.r || cost.p < CURRENT.p;
}

function parse(stored: string): { cost: Cost; salt: Uint8Array; key: Uint8Array } {
  const [, log_n, r, p, salt, key] = FORMAT.exec(stored) ?? [];
  if (salt === undefined || key === undefined) throw new Error("a stored password hash is malformed");
  return {
    cost: { log_n: Number(log_n), r: Number(r), p: Number(p) },
    salt: base64url.decode(salt),
    key: base64url.decode(key),
  };
}

/** NFKC first: the same password typed on another keyboard may arrive in another normal form (NIST SP 800-63B §5.1.1.2). */
function derive(password: string, salt: Uint8Array, keyBytes: number, cost: Cost): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const options = { N: 2 ** cost.log_n, r: cost.r, p: cost.p, maxmem: 64 * 1024 * 1024 };
  scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) =>
    error ? reject(error) : resolve(key),
  );
  return promise;
}
