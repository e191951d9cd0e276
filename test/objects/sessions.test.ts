import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { migrate } from "../../src/objects/runtime/migrations.ts";
import { userMigrations } from "../../src/objects/user/migrations.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import {
  connectConversation,
  connectDevice,
  draft,
  newSession,
  newUser,
  oneOnOne,
  refusedWith,
  STEPS,
  upgradeConversation,
  upgradeDevice,
} from "../support/workerd/world.ts";

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("[SEC-1] a conversation socket from before its time was kept counts as opened when its object is brought up to date", async () => {
  const user = env.USERS.getByName(crypto.randomUUID());
  const opened_at = await runInDurableObject(user, (_, { storage }) => {
    const before = userMigrations.findIndex(({ name }) => name === "0009_opened_at");
    migrate(storage, userMigrations.slice(0, before));
    storage.sql.exec("INSERT INTO conversation_sockets (session_id, conversation_id) VALUES ('s', 'c')");
    migrate(storage, userMigrations);
    return storage.sql.exec<{ opened_at: number }>("SELECT opened_at FROM conversation_sockets").one()
      .opened_at;
  });
  expect(Math.abs(Date.now() - opened_at)).toBeLessThan(DAY_MS);
});

describe.each(STEPS)("sessions, %s", (_, step) => {
  it("[SEC-1] an ended session loses its sockets and its right to write, and no other does", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const laptop = await newSession(alice.user_id, "laptop");
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    const device = await connectDevice(alice);
    const open = await connectConversation(alice, conversation_id);
    const other = await connectDevice(laptop);
    await step();
    await user.endSessions([alice.session_id], CLOSE.session_revoked);
    expect(await device.closed).toMatchObject({ code: 4501 });
    expect(await open.closed).toMatchObject({ code: 4501 });
    await step();
    const refused = { code: "session_revoked" };
    expect(await user.admit(alice, "request")).toMatchObject(refused);
    expect(await user.sendMessage(alice, conversation_id, draft("no"))).toMatchObject({ refusal: refused });
    expect(await user.markRead(alice, conversation_id, 1)).toMatchObject({ refusal: refused });
    expect(await user.issueTicket(alice)).toMatchObject({ refusal: refused });
    expect(await user.admitConversationSocket(alice, conversation_id)).toMatchObject({ refusal: refused });
    expect(await refusedWith(upgradeDevice(alice))).toBe(401);
    expect(await user.admit(laptop, "request")).toBeNull();
    other.send({ type: "HEARTBEAT_PING", request_id: "still here" });
    expect(await other.next("HEARTBEAT_PONG")).toMatchObject({ request_id: "still here" });
  });

  it("[SEC-1] a conversation that could not be told of the end of a session is told again", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(alice, conversation_id);
    const endSessions = vi.spyOn(ConversationObject.prototype, "endSessions");
    for (let n = 0; n < 3; n++) endSessions.mockRejectedValueOnce(new Error("not now"));
    await env.USERS.getByName(alice.user_id).endSessions([alice.session_id], CLOSE.session_revoked);
    expect(await open.closed).toMatchObject({ code: 4501 });
  });

  it("[SEC-1] a conversation is told of the end of a session by the alarm, if the object crashed before it could", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await connectConversation(alice, conversation_id);
    await step();
    const told = vi.spyOn(ConversationObject.prototype, "endSessions");
    told.mockReturnValueOnce(new Promise(() => undefined));
    const user = () => env.USERS.getByName(alice.user_id);
    const ending = user()
      .endSessions([alice.session_id], CLOSE.session_revoked)
      .catch(() => "crashed");
    await expect.poll(() => told.mock.calls.length).toBe(1);
    await abortAllDurableObjects();
    expect(await ending).toBe("crashed");
    expect(await runDurableObjectAlarm(user())).toBe(true);
    expect(told.mock.calls[1]).toEqual([alice.user_id, [alice.session_id], CLOSE.session_revoked]);
  });

  it("[SEC-1] a session that ends while its conversation is asked about gets no socket to it", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    const { describe: asked } = ConversationObject.prototype;
    vi.spyOn(ConversationObject.prototype, "describe").mockImplementationOnce(async function (
      this: ConversationObject,
      user_id,
    ) {
      await env.USERS.getByName(alice.user_id).endSessions([alice.session_id], CLOSE.session_revoked);
      return asked.call(this, user_id);
    });
    await step();
    expect(await user.admitConversationSocket(alice, conversation_id)).toMatchObject({
      refusal: { code: "session_revoked" },
    });
  });

  it("[SEC-1] the end of a session is told only where a socket of it may still be open", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const [left, kept] = [await oneOnOne(alice, bob), await oneOnOne(alice, carol)];
    const user = env.USERS.getByName(alice.user_id);
    for (const id of [left, kept])
      expect(await user.admitConversationSocket(alice, id)).toMatchObject({ ok: true });
    await step();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS });
    const open = await connectConversation(alice, kept);
    await step();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1.5 * DAY_MS });
    const told = vi.spyOn(ConversationObject.prototype, "endSessions");
    await user.endSessions([alice.session_id], CLOSE.session_revoked);
    expect(await open.closed).toMatchObject({ code: 4501 });
    expect(told).toHaveBeenCalledOnce();
  });

  it("[SEC-1] a conversation that cannot be told for days is not told any more: no socket of the session is left", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    expect(await user.admitConversationSocket(alice, conversation_id)).toMatchObject({ ok: true });
    const told = vi
      .spyOn(ConversationObject.prototype, "endSessions")
      .mockRejectedValue(new Error("damaged"));
    await user.endSessions([alice.session_id], CLOSE.session_revoked);
    expect(told).toHaveBeenCalled();
    await step();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * DAY_MS });
    const before = told.mock.calls.length;
    await runDurableObjectAlarm(user);
    expect(told).toHaveBeenCalledTimes(before);
  });

  it("[SEC-1] an upgrade that the end of its session overtakes is refused by the conversation", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    await user.admitConversationSocket(alice, conversation_id);
    await user.endSessions([alice.session_id], CLOSE.session_revoked);
    expect(await refusedWith(upgradeConversation(alice, conversation_id))).toBe(401);
  });

  it("a ticket opens once, and not for an ended session", async () => {
    const alice = await newUser();
    const user = env.USERS.getByName(alice.user_id);
    const issued = await user.issueTicket(alice);
    if (!issued.ok) throw new Error(issued.refusal.code);
    await step();
    expect(await user.redeemTicket(issued.value.ticket)).toEqual(alice);
    await step();
    expect(await user.redeemTicket(issued.value.ticket)).toBeNull();
    const late = await user.issueTicket(alice);
    if (!late.ok) throw new Error(late.refusal.code);
    await user.endSessions([alice.session_id], CLOSE.session_revoked);
    await step();
    expect(await user.redeemTicket(late.value.ticket)).toBeNull();
  });

  it("a newer socket of the same device replaces the older one", async () => {
    const alice = await newUser();
    const older = await connectDevice(alice);
    await step();
    const newer = await connectDevice(alice);
    expect(await older.closed).toMatchObject({ code: 4502 });
    newer.send({ type: "HEARTBEAT_PING", request_id: "r" });
    await newer.next("HEARTBEAT_PONG");
  });

  it("a device that gave way to newer ones is told to fetch its inbox anew", async () => {
    const alice = await newUser();
    for (let n = 0; n < 20; n++) await newSession(alice.user_id, `device-${n}`);
    await step();
    const forgotten = await connectDevice(alice);
    expect((await forgotten.next("SYNC_COMPLETE")).payload.reset).toBe(true);
  });
});
