import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Identity } from "../../../src/domain/identity.ts";
import { SocketSet } from "../../../src/objects/runtime/sockets.ts";
import type { FriendStatus } from "../../../src/protocol/friend.ts";
import { call, type SignedIn } from "./api.ts";
import type { TestSocket } from "./test-socket.ts";
import { connectDevice, newUser } from "./world.ts";

/** Friends over REST: both ask. */
export async function befriend(a: SignedIn, b: SignedIn): Promise<void> {
  for (const [who, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const body = { user_id: other.user.user_id };
    const answer = await call("POST", "/api/friends", { token: who.access_token, body });
    if (!answer.ok) throw new Error(`no friendship: ${answer.status}`);
    await answer.body?.cancel();
  }
}

/** Tells the objects of two users how they stand to each other, as the Worker does. */
export async function relate(a: Identity, b: Identity, status: FriendStatus, version = 1): Promise<void> {
  const tell = (told: Identity, { user_id }: Identity) =>
    user(told).friendChanged({ user_id, status, version });
  await Promise.all([tell(a, b), tell(b, a)]);
}

/** Two friends, of whom `bob` has a device connected. */
export async function friends() {
  const [alice, bob] = [await newUser(), await newUser()];
  const watching = await connectDevice(bob);
  await relate(alice, bob, "friends");
  // Bob's object has told Alice's, and has its answer: calls to an object arrive in order.
  for (const one of [alice, bob]) await user(one).ping();
  return { alice, bob, watching };
}

export function user({ user_id }: Identity) {
  return env.USERS.getByName(user_id);
}

/** What a device was told of somebody's presence, in order. */
export function seen(device: TestSocket, { user_id }: Identity): string[] {
  return device
    .all("PRESENCE_UPDATE")
    .filter(({ payload }) => payload.user_id === user_id)
    .map(({ payload: { status, status_text } }) => (status_text ? `${status}: ${status_text}` : status));
}

/** Has somebody say one thing more: whatever was announced before it has then arrived. */
export async function sayLast(who: Identity, watching: TestSocket): Promise<void> {
  await user(who).setStatusText("last");
  await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status_text === "last");
}

export function alarmOf(who: Identity): Promise<number | null> {
  return runInDurableObject(user(who), (_, state) => state.storage.getAlarm());
}

/** Lets time pass: the clock stands, and only moves on when told. */
export function pass(ms: number): void {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  vi.setSystemTime(Date.now() + ms);
}

/** The clock of heartbeats is the platform's, and goes on as ever: every connected device counts as just heard of. */
export function keepHeartbeats(): void {
  vi.spyOn(SocketSet.prototype, "heardAt").mockImplementation(() => Date.now());
}
