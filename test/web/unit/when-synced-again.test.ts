import { expect, it, vi } from "vitest";
import type { ConnectionSnapshot, ConnectionState } from "../../../sdk/index.ts";
import { Store } from "../../../web/src/data/store.ts";
import { whenSyncedAgain } from "../../../web/src/data/when-synced-again.ts";

const CONNECTING = { state: { phase: "connecting" }, isSynced: false } as const;
const CONNECTED = { state: { phase: "connected" }, isSynced: false } as const;
const SYNCED = { state: { phase: "connected" }, isSynced: true } as const;
const waiting = (retry_at: number): ConnectionSnapshot => {
  const state: ConnectionState = { phase: "waiting", retry_at };
  return { state, isSynced: false };
};

it("what was missed is asked for once after each break, when all else has come, and not at the start", () => {
  const connection = new Store<ConnectionSnapshot>(CONNECTING);
  const call = vi.fn();
  const cancel = whenSyncedAgain(connection, call);
  const pass = (...states: ConnectionSnapshot[]) => {
    for (const state of states) connection.set(state);
    return call.mock.calls.length;
  };
  expect(pass(CONNECTED, SYNCED)).toBe(0);
  expect(pass(waiting(1), CONNECTING, waiting(2), CONNECTING, CONNECTED)).toBe(0);
  expect(pass(SYNCED, { ...SYNCED })).toBe(1);
  expect(pass(waiting(3), CONNECTED, SYNCED)).toBe(2);
  cancel();
  expect(pass(waiting(4), SYNCED)).toBe(2);
});

it("also after a start without a network", () => {
  const connection = new Store<ConnectionSnapshot>(waiting(1));
  const call = vi.fn();
  whenSyncedAgain(connection, call);
  connection.set(SYNCED);
  expect(call).toHaveBeenCalledOnce();
});
