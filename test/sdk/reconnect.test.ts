import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { UimError } from "../../sdk/errors.ts";
import { backoffDelay } from "../../sdk/transport/backoff.ts";
import { judgeClose } from "../../sdk/transport/close.ts";
import { Connection, type ConnectionState } from "../../sdk/transport/connection.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { FakeEnvironment } from "./support/fake-environment.ts";
import { connectedFrame } from "./support/fake-server.ts";

describe("the policy", () => {
  it("waits up to 1, 2, 4, 8, 16 and then 30 s, with full jitter, and never less than it was told to", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 99].map((failures) => backoffDelay(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(100), random, fc.nat(60_000), (failures, chance, told) => {
        const delay = backoffDelay(failures, chance, told);
        expect(delay).toBeGreaterThanOrEqual(told);
        expect(delay).toBeLessThanOrEqual(Math.max(told, backoffDelay(failures, 1)));
        expect(backoffDelay(failures, 0)).toBe(0);
      }),
    );
  });

  it("reconnects on 4000 to 4499 and on whatever else breaks, refreshes first on 4010, stops on 4500 to 4999", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 4999 }), (code) => {
        const expected = code === CLOSE.token_expired ? "refresh" : code >= 4500 ? "stop" : "retry";
        expect(judgeClose(code)).toBe(expected);
      }),
    );
  });
});

describe("a connection", () => {
  let environment: FakeEnvironment;
  let states: ConnectionState[];
  let refreshes: number;
  let failure: UimError | null;
  let connection: Connection;

  beforeEach(() => {
    environment = new FakeEnvironment();
    states = [];
    refreshes = 0;
    failure = null;
    connection = new Connection(environment, {
      address: () => (failure ? Promise.reject(failure) : Promise.resolve("ws://x/ws")),
      refresh: () => Promise.resolve(refreshes++),
      frames: () => undefined,
      fault: () => undefined,
      changed: (state) => states.push(state),
    });
  });

  const phases = () => states.map(({ phase }) => phase);
  const connect = async () => {
    connection.start();
    await environment.settle();
    environment.socket.say(connectedFrame());
  };

  it("is connected once the server has greeted, and comes back when the socket breaks", async () => {
    await connect();
    expect(phases()).toEqual(["connecting", "connected"]);
    environment.socket.end(1006);
    expect(states.at(-1)).toEqual({ phase: "waiting", retry_at: environment.now() + 500 });
    await environment.advance(499);
    expect(environment.sockets).toHaveLength(1);
    await environment.advance(1);
    expect(environment.sockets).toHaveLength(2);
    environment.socket.say(connectedFrame());
    expect(connection.isConnected).toBe(true);
  });

  it("waits longer each time, and begins anew only after a socket that has lasted", async () => {
    await connect();
    for (const wait of [500, 1_000, 2_000]) {
      environment.socket.end(CLOSE.going_away);
      expect(states.at(-1)).toEqual({ phase: "waiting", retry_at: environment.now() + wait });
      await environment.advance(wait);
      environment.socket.say(connectedFrame());
    }
    await environment.advance(5_000);
    environment.socket.end(CLOSE.going_away);
    expect(states.at(-1)).toEqual({ phase: "waiting", retry_at: environment.now() + 500 });
  });

  it("waits as long as the server says, and stops when it says never", async () => {
    failure = new UimError("rate_limited", "", { retry_after_ms: 42_000 });
    connection.start();
    await environment.settle();
    expect(states.at(-1)).toEqual({ phase: "waiting", retry_at: environment.now() + 42_000 });
    failure = new UimError("session_revoked", "");
    await environment.advance(42_000);
    expect(states.at(-1)).toMatchObject({ phase: "stopped", error: failure });
    await environment.advance(600_000);
    expect(environment.sockets).toHaveLength(0);
  });

  it("refreshes its token after 4010, and not otherwise", async () => {
    await connect();
    environment.socket.end(CLOSE.token_expired);
    await environment.advance(500);
    expect([refreshes, environment.sockets.length]).toEqual([1, 2]);
    environment.socket.end(1006);
    await environment.advance(1_000);
    expect([refreshes, environment.sockets.length]).toEqual([1, 3]);
  });

  it("stays away after 4500 to 4999", async () => {
    await connect();
    environment.socket.end(CLOSE.replaced);
    expect(states.at(-1)).toEqual({ phase: "stopped", close_code: CLOSE.replaced, error: null });
    await environment.advance(600_000);
    expect(environment.sockets).toHaveLength(1);
  });

  it("sends heartbeats, and gives up a socket that does not answer them", async () => {
    await connect();
    await environment.advance(30_000);
    expect(environment.socket.sent).toEqual([{ type: "HEARTBEAT_PING" }]);
    environment.socket.say({ type: "HEARTBEAT_PONG" });
    await environment.advance(20_000);
    expect(connection.isConnected).toBe(true);
    await environment.advance(30_000);
    expect(environment.sockets).toHaveLength(2);
  });

  it("gives up a socket that never greets", async () => {
    connection.start();
    await environment.advance(15_500);
    expect(environment.sockets).toHaveLength(2);
  });

  it("tries at once when the network is back, and asks a silent socket whether it lives", async () => {
    await connect();
    connection.hint(false);
    expect(environment.socket.sent).toEqual([{ type: "HEARTBEAT_PING" }]);
    await environment.advance(5_000);
    expect(states.at(-1)?.phase).toBe("waiting");
    connection.hint(true);
    await environment.settle();
    expect(environment.sockets).toHaveLength(2);
  });

  it("leaves no timer and no socket behind when it is stopped", async () => {
    await connect();
    connection.stop();
    expect([environment.pendingTimers, environment.socket.isClosed, connection.state.phase]).toEqual([
      0,
      true,
      "idle",
    ]);
    connection.start();
    connection.stop();
    await environment.advance(60_000);
    expect(environment.sockets).toHaveLength(1);
  });
});
