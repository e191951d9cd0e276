import { env } from "cloudflare:workers";
import { base64url, decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createSigningKey, unwrapPrivateKey } from "../../src/auth/signing-key.ts";
import { configOf } from "../../src/config.ts";
import { openDatabase } from "../../src/db/client.ts";
import { listSigningKeys } from "../../src/db/signing-keys.ts";
import { call, problemOf, read, registerUser } from "../support/workerd/api.ts";

const jwksSchema = z.object({ keys: z.array(z.record(z.string(), z.string())).min(1) });

function me(token: string): Promise<Response> {
  return call("GET", "/api/users/me", { token });
}

/** The server's own key, and a token of it to take apart. */
const { access_token: genuine, user } = await registerUser();
const claims = decodeJwt(genuine);
const header = decodeProtectedHeader(genuine);
const [stored] = await listSigningKeys(openDatabase(env.DB));
if (!stored) throw new Error("there is no signing key");
const serverKey = await unwrapPrivateKey(stored, configOf(env).master_key);

/** A token signed with the server's key that differs from a genuine one in what is given. */
function forge(
  changes: Record<string, unknown>,
  headerChanges: Record<string, string> = {},
): Promise<string> {
  return new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: stored?.kid ?? "", ...headerChanges })
    .sign(serverKey);
}

function encode(value: unknown): string {
  return base64url.encode(JSON.stringify(value));
}

describe("access tokens", () => {
  it("carry the claims of the contract, and a key that is published", async () => {
    expect(header).toEqual({ alg: "RS256", typ: "at+jwt", kid: stored.kid });
    expect(claims).toMatchObject({
      sub: user.user_id,
      username: user.username,
      roles: ["user"],
      iss: "uim",
      aud: "uim",
    });
    expect(Object.keys(claims).sort()).toEqual([
      "aud",
      "did",
      "exp",
      "iat",
      "iss",
      "jti",
      "roles",
      "sid",
      "sub",
      "username",
    ]);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    const { keys } = await read(await call("GET", "/.well-known/jwks.json"), 200, jwksSchema);
    expect(keys.map((key) => key.kid)).toContain(stored.kid);
    // Nothing private: `d`, `p`, `q`, …
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });

  it("[SEC-1] are accepted as they were issued, in any case of the scheme", async () => {
    expect((await me(genuine)).status).toBe(200);
    const headers = { Authorization: `bearer ${genuine}` };
    expect((await call("GET", "/api/users/me", { headers })).status).toBe(200);
    expect((await me(await forge({}))).status).toBe(200);
  });

  it("are told apart when they have expired", async () => {
    const past = Math.floor(Date.now() / 1000) - 1;
    expect(await problemOf(await me(await forge({ exp: past })))).toBe("401 token_expired");
  });

  it("are not told to have expired when the signature is not ours", async () => {
    const [, , signature] = genuine.split(".");
    const expired = `${encode(header)}.${encode({ ...claims, exp: 1 })}.${signature}`;
    expect(await problemOf(await me(expired))).toBe("401 unauthenticated");
  });

  const attacks: Record<string, () => Promise<string>> = {
    "with another payload under the same signature": async () => {
      const [head, , signature] = genuine.split(".");
      return `${head}.${encode({ ...claims, sub: "01890000-0000-7000-8000-000000000000" })}.${signature}`;
    },
    "without a signature": async () => genuine.split(".").slice(0, 2).join("."),
    "with an empty signature": async () => `${genuine.split(".").slice(0, 2).join(".")}.`,
    "with alg none": async () => `${encode({ ...header, alg: "none" })}.${encode(claims)}.`,
    "with alg None and a signature": async () =>
      `${encode({ ...header, alg: "None" })}.${encode(claims)}.${genuine.split(".")[2]}`,
    "signed by HS256 with the public key as PEM": async () => {
      const key = await importJWK(stored.public_jwk, "RS256", { extractable: true });
      if (key instanceof Uint8Array) throw new Error("expected a public key");
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: stored.kid })
        .sign(new TextEncoder().encode(await exportSPKI(key)));
    },
    "signed by HS256 with the public key as JWK": () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: stored.kid })
        .sign(new TextEncoder().encode(JSON.stringify(stored.public_jwk))),
    "signed by a key of the attacker under our kid": async () => {
      const masterKey = new Uint8Array(32);
      const theirs = await createSigningKey(masterKey, { created_at: 0, signs_from: 0 });
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: stored.kid })
        .sign(await unwrapPrivateKey(theirs, masterKey));
    },
    "with the attacker's key in its header": async () => {
      const masterKey = new Uint8Array(32);
      const theirs = await createSigningKey(masterKey, { created_at: 0, signs_from: 0 });
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: theirs.kid, jwk: theirs.public_jwk })
        .sign(await unwrapPrivateKey(theirs, masterKey));
    },
    "of a key nobody knows": () => forge({}, { kid: "nobody" }),
    "for another audience": () => forge({ aud: "someone-else" }),
    "of another issuer": () => forge({ iss: "someone-else" }),
    "of another type": () => forge({}, { typ: "JWT" }),
    "that never expires": () => forge({ exp: undefined }),
    "for a user that cannot be one": () => forge({ sub: "../admin" }),
    "without a session": () => forge({ sid: undefined }),
    "that is no token": async () => "abc",
    "that is far too long": async () => "a".repeat(100_000),
  };

  it.each(Object.keys(attacks))("[SEC-1] are refused %s", async (name) => {
    const token = (await attacks[name]?.()) ?? "";
    const response = await me(token);
    expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect(await problemOf(response)).toBe("401 unauthenticated");
    const socket = await call("GET", `/ws?token=${token.slice(0, 4096)}`, {
      headers: { Upgrade: "websocket" },
    });
    expect(await problemOf(socket)).toBe("401 unauthenticated");
  });

  it.each([undefined, "", "Bearer", "Bearer ", "Basic dTpw", `Token ${genuine}`, `Bearer ${genuine} x`])(
    "are missed when the header is %j",
    async (Authorization) => {
      const response = await call(
        "GET",
        "/api/users/me",
        Authorization === undefined ? {} : { headers: { Authorization } },
      );
      expect(await problemOf(response)).toBe("401 unauthenticated");
    },
  );
});
