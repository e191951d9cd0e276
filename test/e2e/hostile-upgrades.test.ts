import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { importPKCS8, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { problemSchema } from "../../src/protocol/errors.ts";
import { request } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/server/test-socket.ts";
import { refusalOf } from "../support/server/upgrade-refused.ts";

let server: TestServer;
let neighbours: Neighbours;
let pair: Pair;

beforeAll(async () => {
  server = await startTestServer();
  [neighbours, pair] = await Promise.all([Neighbours.begin(server.url), beginPair(server.url)]);
});

afterEach(async () => {
  const socket = await pair.alice.connectDevice();
  await socket.sent(socket.sendMessage(pair.conversation_id, "still healthy"));
  await socket.close(1000);
  await neighbours.talkOn();
});

afterAll(() => server.stop());

const jwksSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) });
const claimsSchema = z.record(z.string(), z.unknown());

/** A token's header and claims, to forge another one from. */
function partsOf(token: string) {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const decode = (part: string) => claimsSchema.parse(JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header: decode(header), claims: decode(claims), signature };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function otherKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return importPKCS8(privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "RS256");
}

/** HS256 with the server's public key as the secret (RFC 8725 §2.1). */
async function publicKeyAsSecret(): Promise<Uint8Array> {
  const { body } = await request(server.url, "GET", "/.well-known/jwks.json");
  const [key = {}] = jwksSchema.parse(body).keys;
  const pem = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
  return new TextEncoder().encode(pem.toString());
}

const hourLater = () => Math.floor(Date.now() / 1000) + 3_600;

const FORGERIES: [string, (token: string) => string | Promise<string>][] = [
  ["no token", () => "nonsense"],
  ["an empty token", () => ""],
  ["5,000 characters", () => "x".repeat(5_000)],
  [
    "a token whose claims were changed",
    (token) => {
      const { header, claims, signature } = partsOf(token);
      return `${encode(header)}.${encode({ ...claims, sub: pair.bob.user_id })}.${signature}`;
    },
  ],
  [
    "a token whose life was prolonged",
    (token) => {
      const { header, claims, signature } = partsOf(token);
      return `${encode(header)}.${encode({ ...claims, exp: hourLater() })}.${signature}`;
    },
  ],
  ["a token without its signature", (token) => `${token.slice(0, token.lastIndexOf("."))}.`],
  [
    "a token of another key under the server's key id",
    async (token) => {
      const { header, claims } = partsOf(token);
      return new SignJWT(claims).setProtectedHeader({ ...header, alg: "RS256" }).sign(await otherKey());
    },
  ],
  [
    "a token of another key with a key id of its own",
    async (token) =>
      new SignJWT(partsOf(token).claims)
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "mine" })
        .sign(await otherKey()),
  ],
  ["alg none", (token) => new UnsecuredJWT(partsOf(token).claims).encode()],
  [
    "alg none with the server's key id",
    (token) => {
      const { header, claims } = partsOf(token);
      return `${encode({ ...header, alg: "none" })}.${encode(claims)}.`;
    },
  ],
  [
    "HS256 signed with the public key",
    async (token) => {
      const { header, claims } = partsOf(token);
      return new SignJWT(claims)
        .setProtectedHeader({ ...header, alg: "HS256" })
        .sign(await publicKeyAsSecret());
    },
  ],
];

function open(path: string, query: Record<string, string>): Promise<TestSocket> {
  return TestSocket.open(`${server.url.replace("http", "ws")}${path}?${new URLSearchParams(query)}`);
}

function paths(): string[] {
  return ["/ws", `/ws/conversations/${pair.conversation_id}`];
}

describe("tokens", () => {
  it.each(FORGERIES)("[SEND-3] %s opens no socket and passes no route", async (_, forge) => {
    const forged = await forge(pair.alice.access_token);
    for (const path of paths()) {
      const refused = await refusalOf(open(path, { token: forged }));
      expect([refused.status, refused.problem.code]).toEqual([401, "unauthenticated"]);
    }
    const answer = await request(server.url, "GET", "/api/users/me", { token: forged });
    expect(answer.status).toBe(401);
    expect(problemSchema.parse(answer.body).code).toBe("unauthenticated");
  });

  it("nothing at all opens no socket", async () => {
    for (const path of paths()) expect((await refusalOf(open(path, {}))).status).toBe(401);
  });
});

describe("tickets", () => {
  it("a ticket works once, on whichever socket", async () => {
    for (const first of paths()) {
      const ticket = await pair.alice.ticket();
      const socket = await open(first, { ticket });
      await socket.next("CONNECTED");
      for (const second of paths()) {
        const { status, problem } = await refusalOf(open(second, { ticket }));
        expect([status, problem.code]).toEqual([401, "unauthenticated"]);
      }
      await socket.close(1000);
    }
  });

  it("a ticket used by many at once lets one in", async () => {
    const ticket = await pair.alice.ticket();
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => open("/ws", { ticket })));
    const opened = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    expect(opened).toHaveLength(1);
    await opened[0]?.close(1000);
  });

  it.each([
    () => "nonsense",
    () => "",
    () => `${pair.alice.user_id}.`,
    () => `${pair.alice.user_id}.${"A".repeat(43)}`,
    () => "x".repeat(300),
    // A ticket says whose it is: it does not work for another.
    async () => `${pair.bob.user_id}.${(await pair.alice.ticket()).split(".")[1]}`,
  ])("a ticket that was never issued opens nothing (%#)", async (make) => {
    const ticket = await make();
    for (const path of paths()) {
      expect([400, 401]).toContain((await refusalOf(open(path, { ticket }))).status);
    }
  });
});

describe("the upgrade itself", () => {
  it("a plain GET is 426", async () => {
    for (const path of paths()) {
      const { status, body } = await request(server.url, "GET", `${path}?ticket=x`);
      expect([status, problemSchema.parse(body).code]).toEqual([426, "upgrade_required"]);
    }
  });

  it.each([
    { device_id: "../x" },
    { device_id: "" },
    { device_id: "x".repeat(65) },
    { platform: "toaster" },
    { last_sync_id: "-1" },
    { last_sync_id: "1e999" },
  ])("a query of %o is refused, and its ticket is not used up", async (query) => {
    const ticket = await pair.alice.ticket();
    const { status, problem } = await refusalOf(open("/ws", { ticket, ...query } as Record<string, string>));
    expect([status, problem.code]).toEqual([400, "invalid_request"]);
    const socket = await open("/ws", { ticket });
    await socket.close(1000);
  });

  it("a header that says who is connecting is not believed", async () => {
    const { alice, bob } = pair;
    const identity = { user_id: bob.user_id, session_id: bob.session_id, device_id: bob.device_id };
    const headers = { "X-UIM-Session": JSON.stringify({ identity, batch: false, request_id: "r" }) };
    const url = `${server.url.replace("http", "ws")}/ws`;
    expect((await refusalOf(TestSocket.open(url, headers))).status).toBe(401);
    const socket = await TestSocket.open(`${url}?ticket=${await alice.ticket()}`, headers);
    expect((await socket.next("CONNECTED")).payload.user_id).toBe(alice.user_id);
    await socket.close(1000);
  });
});
