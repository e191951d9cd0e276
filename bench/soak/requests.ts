import type { z } from "zod";
import { inboxRowSchema, memberSchema } from "../../src/protocol/conversation.ts";
import { historyPageSchema, readResultSchema, receiptsSchema } from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { signedInSchema, tokensSchema } from "../../src/protocol/session.ts";
import { presenceSchema } from "../../src/protocol/user.ts";
import { SEED_PASSWORD } from "../worker/seed-requests.ts";
import { pick } from "./chance.ts";
import type { SoakConversation } from "./conversation.ts";
import type { Crowd } from "./crowd.ts";
import type { Device } from "./device.ts";
import type { World } from "./world.ts";

const inboxPageSchema = pageSchema(inboxRowSchema);
const membersPageSchema = pageSchema(memberSchema);

/** Who has been there for so long is seen by others. */
const SEEN_MS = 5_000;

/** One request of those that clients make while they talk. */
type Request = (world: World, device: Device, conversation: SoakConversation, crowd: Crowd) => Promise<void>;

const REQUESTS: readonly Request[] = [
  listInbox,
  readHistory,
  readNewest,
  seePresence,
  listMembers,
  seeReceipts,
  readOverHttp,
];

export async function makeRequest(world: World, crowd: Crowd): Promise<void> {
  const conversation = pick(crowd.conversations);
  const device = pick(crowd.devicesOf(pick(conversation?.user_ids ?? []) ?? ""));
  if (conversation && device) await pick(REQUESTS)?.(world, device, conversation, crowd);
}

async function listInbox(world: World, { token }: Device): Promise<void> {
  const first = await world.get(token, "/api/conversations?limit=3", inboxPageSchema);
  if (first.next_cursor === null) return;
  const cursor = encodeURIComponent(first.next_cursor);
  await world.get(token, `/api/conversations?limit=3&cursor=${cursor}`, inboxPageSchema);
}

/** A page from anywhere in the log: whole, and as it was acked. */
async function readHistory(world: World, { token }: Device, conversation: SoakConversation): Promise<void> {
  const after_seq = Math.floor(Math.random() * conversation.head_seq);
  const to_seq = Math.min(after_seq + 50, conversation.head_seq);
  for await (const message of world.readLog(token, conversation.conversation_id, after_seq, to_seq)) {
    const sent = world.identify(message);
    if (sent && !conversation.log.agrees(message.seq, sent.sender, sent.number))
      throw new Error(`another message was acked at ${message.seq}`);
  }
}

async function readNewest(world: World, { token }: Device, conversation: SoakConversation): Promise<void> {
  const known = conversation.head_seq;
  const path = `/api/conversations/${conversation.conversation_id}/messages?limit=50`;
  const { head_seq } = await world.get(token, path, historyPageSchema);
  if (head_seq < known) throw new Error(`the log ends at ${head_seq}, and ${known} was acked`);
}

async function seePresence(
  world: World,
  { token, user }: Device,
  conversation: SoakConversation,
  crowd: Crowd,
): Promise<void> {
  const peer_id = conversation.user_ids.find((user_id) => user_id !== user.user_id);
  // Those who only share a group are no friends here (PRES-3).
  if (conversation.user_ids.length !== 2 || peer_id === undefined) return;
  const mustBeSeen = () =>
    crowd
      .devicesOf(peer_id)
      .some(({ online_since }) => online_since !== null && performance.now() - online_since > SEEN_MS);
  const wasThere = mustBeSeen();
  const { status } = await world.get(token, `/api/users/${peer_id}/presence`, presenceSchema);
  if (status === "offline" && wasThere && mustBeSeen()) throw new Error("who is there is said to be offline");
}

async function listMembers(world: World, { token }: Device, conversation: SoakConversation): Promise<void> {
  const path = `/api/conversations/${conversation.conversation_id}/members?limit=100`;
  const { items } = await world.get(token, path, membersPageSchema);
  if (items.length !== conversation.user_ids.length) throw new Error(`there are ${items.length} members`);
}

async function seeReceipts(world: World, { token }: Device, conversation: SoakConversation): Promise<void> {
  const { conversation_id } = conversation;
  const newest = `/api/conversations/${conversation_id}/messages?limit=1`;
  const [message] = (await world.get(token, newest, historyPageSchema)).items;
  if (!message) return;
  const path = `/api/conversations/${conversation_id}/messages/${message.message_id}/receipts`;
  await world.get(token, path, receiptsSchema);
}

/** One who is away signs in again on its device, and comes back with the new token. */
export async function signIn(world: World, crowd: Crowd): Promise<void> {
  const device = pick(crowd.devices.filter(({ online_since }) => online_since === null));
  if (!device) return;
  const { username } = device.user;
  const content = { username, password: SEED_PASSWORD, device: { device_id: device.device_id } };
  const signedIn = await world.post(null, "/api/auth/login", content, signedInSchema);
  device.token = signedIn.access_token;
  device.refresh_token = signedIn.refresh_token ?? null;
}

/** One who has a refresh token takes a new pair. */
export async function refresh(world: World, crowd: Crowd): Promise<void> {
  const device = pick(crowd.devices.filter(({ refresh_token }) => refresh_token !== null));
  if (!device) return;
  const { refresh_token } = device;
  // Nobody else shall use it while it is being exchanged.
  device.refresh_token = null;
  const tokens = await world.post(null, "/api/auth/refresh", { refresh_token }, tokensSchema);
  device.token = tokens.access_token;
  device.refresh_token = tokens.refresh_token ?? null;
}

/** A user's whole inbox. */
export async function readInbox(world: World, { token }: Device) {
  const rows: z.infer<typeof inboxRowSchema>[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const path: string = `/api/conversations?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await world.get(token, path, inboxPageSchema);
    rows.push(...page.items);
    cursor = page.next_cursor;
  }
  return rows;
}

/** Reads over HTTP, as a page without a socket does. */
async function readOverHttp(
  world: World,
  { token, user }: Device,
  conversation: SoakConversation,
): Promise<void> {
  const seq = conversation.head_seq;
  conversation.noteRead(user.user_id, seq);
  const path = `/api/conversations/${conversation.conversation_id}/read`;
  const { read_seq } = await world.post(token, path, { seq }, readResultSchema);
  if (read_seq < seq) throw new Error(`read up to ${seq}, and the mark is at ${read_seq}`);
}
