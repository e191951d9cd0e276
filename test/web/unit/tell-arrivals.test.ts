import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Emitter } from "../../../sdk/emitter.ts";
import type { ClientEvents, ConnectionSnapshot, InboxSnapshot } from "../../../sdk/index.ts";
import { Store } from "../../../web/src/data/store.ts";
import { tellArrivals } from "../../../web/src/shell/tell-arrivals.ts";
import { MESSAGE, row } from "./inbox-row.ts";

const inboxReadUpTo = (read_seq: number): InboxSnapshot => ({
  rows: [row(MESSAGE.conversation_id, { read_seq })],
  unread_count: MESSAGE.seq - read_seq,
  mention_count: 0,
  isLoaded: true,
});

beforeEach(() => {
  vi.stubGlobal("document", { visibilityState: "hidden" });
  vi.stubGlobal("Notification", { permission: "granted" });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Somebody has written, and the name of who it was is still being fetched. */
function overtaken() {
  const events = new Emitter<ClientEvents>(() => undefined);
  const connection = new Store<ConnectionSnapshot>({ state: { phase: "connected" }, isSynced: true });
  const inbox = new Store(inboxReadUpTo(MESSAGE.seq - 1));
  const name = Promise.withResolvers<string>();
  const nameOf = vi.fn(() => name.promise);
  const show = vi.fn(async () => undefined);
  const stop = tellArrivals({
    client: { connection, inbox, on: (event, listener) => events.on(event, listener) },
    user_id: "me",
    nameOf,
    show,
  });
  events.emit("message", MESSAGE);
  expect(nameOf).toHaveBeenCalledOnce();
  const nameComes = async () => {
    name.resolve("Ada");
    await new Promise(setImmediate);
  };
  return { inbox, stop, show, nameComes };
}

describe("a notification whose sender's name takes long", () => {
  it("is shown when it is there", async () => {
    const { inbox, show, nameComes } = overtaken();
    await nameComes();
    expect(show.mock.calls).toEqual([[inbox.getSnapshot().rows[0], "Ada", MESSAGE]]);
  });

  it("is not shown of what was read elsewhere meanwhile", async () => {
    const { inbox, show, nameComes } = overtaken();
    inbox.set(inboxReadUpTo(MESSAGE.seq));
    await nameComes();
    expect(show).not.toHaveBeenCalled();
  });

  it("is not shown to whoever is there after its user has signed out", async () => {
    const { stop, show, nameComes } = overtaken();
    stop();
    await nameComes();
    expect(show).not.toHaveBeenCalled();
  });

  it("is not shown to who looks by then", async () => {
    const { show, nameComes } = overtaken();
    vi.stubGlobal("document", { visibilityState: "visible" });
    await nameComes();
    expect(show).not.toHaveBeenCalled();
  });
});
