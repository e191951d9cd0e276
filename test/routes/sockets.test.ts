import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { connectSchema, signedInSchema } from "../../src/protocol/session.ts";
import { UPGRADE_HEADER, upgradeSchema } from "../../src/protocol/upgrade.ts";
import { call, PASSWORD, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";
import { TestSocket } from "../support/workerd/test-socket.ts";

const [ada, bob] = await Promise.all([registerUser(), registerUser()]);

function upgrade(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return call("GET", path, { headers: { Upgrade: "websocket", ...headers } });
}

async function open(path: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const response = await upgrade(path, headers);
  if (!response.webSocket) throw new Error(`not upgraded: ${response.status} ${await response.text()}`);
  return new TestSocket(response.webSocket);
}

async function newTicket(who: SignedIn): Promise<string> {
  const answer = await call("POST", "/api/connect", { token: who.access_token });
  return (await read(answer, 200, connectSchema)).ticket;
}

async function talk(): Promise<string> {
  const body = { type: "one_on_one", participant_id: bob.user.user_id };
  const answer = await call("POST", "/api/conversations", { token: ada.access_token, body });
  return conversationSchema.parse(await answer.json()).conversation_id;
}

afterEach(() => vi.restoreAllMocks());

describe("connecting", () => {
  it("tells where and with which ticket", async () => {
    const answer = await call("POST", "/api/connect", { token: ada.access_token });
    const connect = await read(answer, 200, connectSchema);
    expect(connect).toMatchObject({
      ws_url: "ws://uim.test/ws",
      expires_in: 30,
      heartbeat_interval_ms: 30_000,
    });
    const behindProxy = await call("POST", "/api/connect", {
      token: ada.access_token,
      headers: { "X-Forwarded-Proto": "https" },
    });
    expect(await behindProxy.json()).toMatchObject({ ws_url: "wss://uim.test/ws" });
  });

  it("takes a plain GET for a mistake", async () => {
    for (const path of ["/ws", `/ws?token=${ada.access_token}`, `/ws/conversations/${ada.user.user_id}`]) {
      expect(await problemOf(await call("GET", path))).toBe("426 upgrade_required");
    }
  });

  it("opens a device socket with a token, and keeps the request's id", async () => {
    const response = await upgrade(`/ws?token=${ada.access_token}`, { "X-Request-Id": "connect-1" });
    expect(response.status).toBe(101);
    expect(response.headers.get("X-Request-Id")).toBe("connect-1");
    if (!response.webSocket) throw new Error("there is no socket");
    const socket = new TestSocket(response.webSocket);
    const { payload } = await socket.next("CONNECTED");
    expect(payload).toMatchObject({
      user_id: ada.user.user_id,
      session_id: ada.session_id,
      device_id: ada.device_id,
    });
    await socket.close();
  });

  it("takes a ticket once", async () => {
    const ticket = await newTicket(ada);
    const socket = await open(`/ws?ticket=${ticket}`);
    expect((await socket.next("CONNECTED")).payload.session_id).toBe(ada.session_id);
    expect(await problemOf(await upgrade(`/ws?ticket=${ticket}`))).toBe("401 unauthenticated");
    await socket.close();
  });

  it("lets one of several who come with the same ticket in", async () => {
    const ticket = await newTicket(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => upgrade(`/ws?ticket=${ticket}`)));
    const sockets = answers.flatMap(({ webSocket }) => (webSocket ? [new TestSocket(webSocket)] : []));
    expect(sockets).toHaveLength(1);
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  it("refuses a ticket of the wrong make without asking any object", async () => {
    const redeem = vi.spyOn(UserObject.prototype, "redeemTicket");
    for (const ticket of [
      "",
      "x",
      ".",
      "a.b",
      `${ada.user.user_id}`,
      `${ada.user.user_id}.`,
      `${ada.user.user_id}.a.b`,
    ]) {
      expect(await problemOf(await upgrade(`/ws?ticket=${ticket}`))).toBe("401 unauthenticated");
    }
    expect(redeem).not.toHaveBeenCalled();
    expect(await problemOf(await upgrade(`/ws?ticket=${ada.user.user_id}.made-up`))).toBe(
      "401 unauthenticated",
    );
    expect(await problemOf(await upgrade("/ws"))).toBe("401 unauthenticated");
  });

  it("refuses another user's id before a ticket's secret", async () => {
    const [, secret] = (await newTicket(ada)).split(".");
    expect(await problemOf(await upgrade(`/ws?ticket=${bob.user.user_id}.${secret}`))).toBe(
      "401 unauthenticated",
    );
  });

  it.each(["device_id=a%20b", "platform=fridge", "last_sync_id=-1", "last_sync_id=1e400", "last_sync_id=x"])(
    "refuses ?%s",
    async (query) => {
      expect(await problemOf(await upgrade(`/ws?${query}`))).toBe("400 invalid_request");
    },
  );

  it.each([
    ["a long token", `token=${"x".repeat(5_000)}`],
    ["a token in the shape of a JWT", `token=a.${"x".repeat(5_000)}.b`],
    ["two tokens", "token=x&token=y"],
    ["a long ticket", `ticket=${ada.user.user_id}.${"x".repeat(300)}`],
    ["two tickets", `ticket=${ada.user.user_id}.x&ticket=${ada.user.user_id}.y`],
    ["a ticket with a NUL", "ticket=%00"],
  ])("takes %s for nobody's", async (_, query) => {
    const redeem = vi.spyOn(UserObject.prototype, "redeemTicket");
    for (const path of ["/ws", `/ws/conversations/${await talk()}`]) {
      expect(await problemOf(await upgrade(`${path}?${query}`))).toBe("401 unauthenticated");
    }
    expect(redeem).not.toHaveBeenCalled();
  });

  it("batches with batch=1 only, and minds no other value", async () => {
    const fetched = vi.spyOn(UserObject.prototype, "fetch");
    for (const query of ["", "batch=1", "batch=0", "batch=", "batch=true", "batch=1&batch=1"]) {
      const socket = await open(`/ws?token=${ada.access_token}&${query}`);
      await socket.close();
    }
    const upgrades = fetched.mock.calls.map(([request]) =>
      upgradeSchema.parse(JSON.parse(request.headers.get(UPGRADE_HEADER) ?? "")),
    );
    expect(upgrades.map(({ batch }) => batch)).toEqual([false, true, false, false, false, false]);
  });

  it("hands the object who is connecting, and nothing that the client says about it", async () => {
    const fetched = vi.spyOn(UserObject.prototype, "fetch");
    const forged = JSON.stringify({
      identity: { user_id: bob.user.user_id, session_id: "x", device_id: "x" },
    });
    const socket = await open(
      `/ws?token=${ada.access_token}&device_id=tablet&platform=web&last_sync_id=7&batch=1`,
      {
        [UPGRADE_HEADER]: forged,
        "X-UIM-Other": "1",
        Cookie: "secret=1",
        "Sec-WebSocket-Version": "13",
      },
    );
    const { headers, url } = fetched.mock.calls[0]?.[0] ?? new Request("http://none");
    expect(url).not.toContain("token");
    expect([...headers.keys()].sort()).toEqual([
      "sec-websocket-version",
      "upgrade",
      UPGRADE_HEADER.toLowerCase(),
    ]);
    expect(upgradeSchema.parse(JSON.parse(headers.get(UPGRADE_HEADER) ?? ""))).toMatchObject({
      identity: { user_id: ada.user.user_id, session_id: ada.session_id, device_id: "tablet" },
      platform: "web",
      last_sync_id: 7,
      batch: true,
    });
    await socket.close();
  });

  it("opens a conversation socket for a member only", async () => {
    const conversation_id = await talk();
    const socket = await open(`/ws/conversations/${conversation_id}?ticket=${await newTicket(bob)}`);
    expect((await socket.next("CONNECTED")).payload).toMatchObject({
      conversation_id,
      user_id: bob.user.user_id,
    });
    await socket.close();
    const eve = await registerUser();
    const asEve = `token=${eve.access_token}`;
    expect(await problemOf(await upgrade(`/ws/conversations/${conversation_id}?${asEve}`))).toBe(
      "404 conversation_not_found",
    );
    expect(await problemOf(await upgrade(`/ws/conversations/nonsense?${asEve}`))).toBe(
      "404 conversation_not_found",
    );
  });

  it("[SEC-1] closes the sockets of a session that ends, and lets it open no other", async () => {
    const mallory = await registerUser();
    const body = { username: mallory.user.username, password: PASSWORD };
    const other = await read(await call("POST", "/api/auth/login", { body }), 200, signedInSchema);
    const ticket = await newTicket(mallory);
    const socket = await open(`/ws?token=${mallory.access_token}`);
    await socket.next("CONNECTED");
    await call("DELETE", `/api/auth/sessions/${mallory.session_id}`, { token: other.access_token });
    const answered_at = Date.now();
    expect(await socket.closed).toMatchObject({ code: 4501 });
    expect(Date.now() - answered_at).toBeLessThan(1_000);
    expect(await problemOf(await upgrade(`/ws?token=${mallory.access_token}`))).toBe("401 session_revoked");
    expect((await upgrade(`/ws?ticket=${ticket}`)).status).toBe(401);
    const stillGood = await open(`/ws?token=${other.access_token}`);
    await stillGood.close();
  });
});
