import { evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { expect } from "vitest";
import { oneOnOneId } from "../../../src/domain/conversation-id.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { initialGroupMembers, oneOnOneMembers } from "../../../src/domain/membership.ts";
import type { MessageDraft } from "../../../src/protocol/message.ts";
import { UPGRADE_HEADER, type Upgrade } from "../../../src/protocol/upgrade.ts";
import { TestSocket } from "./test-socket.ts";

/** Runs between the steps of a test: nothing, or the eviction of every object, which hibernates their sockets. */
export type Step = () => Promise<void>;

export const STEPS: readonly (readonly [string, Step])[] = [
  ["straight", async () => undefined],
  ["with an eviction between the steps", () => evictAllDurableObjects()],
];

/** A new user with a session on a new device, straight at the objects. */
export async function newUser(device_id = "phone"): Promise<Identity> {
  return newSession(newId(), device_id);
}

export async function newSession(user_id: string, device_id: string): Promise<Identity> {
  const session_id = newId();
  await env.USERS.getByName(user_id).openSession({ session_id, device_id, platform: null });
  return { user_id, session_id, device_id };
}

export async function oneOnOne(a: Identity, b: Identity): Promise<string> {
  const conversation_id = oneOnOneId(a.user_id, b.user_id);
  const created = await env.CONVERSATIONS.getByName(conversation_id).create({
    conversation_id,
    type: "one_on_one",
    name: null,
    description: null,
    created_by: a.user_id,
    members: oneOnOneMembers(a.user_id, b.user_id),
  });
  if (!created.ok) throw new Error(created.refusal.message);
  return conversation_id;
}

export async function group(owner: Identity, ...others: Identity[]): Promise<string> {
  const conversation_id = newId();
  const created = await env.CONVERSATIONS.getByName(conversation_id).create({
    conversation_id,
    type: "group",
    name: "Group",
    description: null,
    created_by: owner.user_id,
    members: initialGroupMembers(
      owner.user_id,
      others.map(({ user_id }) => user_id),
    ),
  });
  if (!created.ok) throw new Error(created.refusal.message);
  return conversation_id;
}

type Options = Partial<Pick<Upgrade, "batch" | "last_sync_id">>;

export async function upgradeDevice(identity: Identity, options: Options = {}): Promise<Response> {
  return env.USERS.getByName(identity.user_id).fetch(upgradeRequest(identity, options));
}

export async function upgradeConversation(
  identity: Identity,
  conversation_id: string,
  options: Options = {},
): Promise<Response> {
  return env.CONVERSATIONS.getByName(conversation_id).fetch(upgradeRequest(identity, options));
}

/** The HTTP status of a refused upgrade. Its body is read, since an unread one keeps the object from being evicted. */
export async function refusedWith(upgrade: Promise<Response>): Promise<number> {
  const response = await upgrade;
  await response.text();
  return response.status;
}

export async function connectDevice(identity: Identity, options: Options = {}): Promise<TestSocket> {
  return socketOf(await upgradeDevice(identity, options));
}

/** Opens a conversation socket the way the Worker does: the user's object admits it first. */
export async function connectConversation(
  identity: Identity,
  conversation_id: string,
  options: Options = {},
): Promise<TestSocket> {
  const admitted = await env.USERS.getByName(identity.user_id).admitConversationSocket(
    identity,
    conversation_id,
  );
  if (!admitted.ok) throw new Error(admitted.refusal.message);
  return socketOf(await upgradeConversation(identity, conversation_id, options));
}

export function draft(content: string, client_message_id: string = newId()): MessageDraft {
  return { client_message_id, content, message_type: "text", reply_to_seq: null, metadata: null };
}

/** A MESSAGE_SEND frame. */
export function sending(conversation_id: string, content: string, client_message_id: string = newId()) {
  return { type: "MESSAGE_SEND", payload: { conversation_id, client_message_id, content } } as const;
}

/** A MESSAGE_ACK frame of a client. */
export function acking(conversation_id: string, seq: number, status: "delivered" | "read" = "delivered") {
  return { type: "MESSAGE_ACK", payload: { conversation_id, seq, status } } as const;
}

/** Sends over HTTP's path and answers the ack. */
export async function send(
  sender: Identity,
  conversation_id: string,
  content: string,
  client_message_id?: string,
) {
  const user = env.USERS.getByName(sender.user_id);
  const message = draft(content, client_message_id);
  const sent = await user.sendMessage(sender, conversation_id, message, undefined, sender.device_id);
  if (!sent.ok) throw new Error(sent.refusal.code);
  return sent.value;
}

export async function inboxRow(identity: Identity, conversation_id: string) {
  const page = await env.USERS.getByName(identity.user_id).listInbox(identity, { limit: 100 });
  const row = page.ok ? page.value.items.find((item) => item.conversation_id === conversation_id) : undefined;
  if (!row) throw new Error("no such row in the inbox");
  return row;
}

/** Resolves when a user's read mark is durable in its conversation, whether its inbox has heard of it or not. */
export async function untilRead(reader: Identity, conversation_id: string, seq: number): Promise<void> {
  const read = async () => {
    const page = await env.CONVERSATIONS.getByName(conversation_id).listMembers(reader.user_id, { limit: 9 });
    return page.ok && page.value.items.find(({ user_id }) => user_id === reader.user_id)?.read_seq;
  };
  await expect.poll(read).toBe(seq);
}

function upgradeRequest(identity: Identity, options: Options): Request {
  const upgrade: Upgrade = {
    identity,
    platform: null,
    last_sync_id: null,
    batch: false,
    request_id: "test",
    ...options,
  };
  return new Request("https://uim.test/ws", {
    headers: { Upgrade: "websocket", [UPGRADE_HEADER]: JSON.stringify(upgrade) },
  });
}

function socketOf(response: Response): TestSocket {
  if (!response.webSocket) throw new Error(`no upgrade: ${response.status}`);
  return new TestSocket(response.webSocket);
}
