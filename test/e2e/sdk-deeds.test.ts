import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UimClient } from "../../sdk/client.ts";
import type { Conversation, InboxRow } from "../../sdk/index.ts";
import { startFlakyProxy } from "../support/sdk/flaky-proxy.ts";
import {
  createClient,
  hurriedEnvironment,
  newUser,
  PASSWORD,
  wholeHistory,
} from "../support/sdk/sdk-client.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

/** `UIM_DEEDS_ROUNDS=50` for a long trial. */
const ROUNDS = Number(process.env.UIM_DEEDS_ROUNDS ?? 1);
const BUSY_MS = 4_000;
const MAX_PAUSE_MS = 120;
/** Two cores may be busy with something else. */
const CALM_MS = 20_000;
const LOOK_MS = 100;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Device {
  readonly name: string;
  readonly client: UimClient;
  readonly faults: unknown[];
  readonly chats: readonly Conversation[];
}

/** Two with two devices each and one with one, in a chat of the two and in a group of all, on a network that breaks. */
async function meet() {
  const proxy = await startFlakyProxy(server.url, {
    random: Math.random,
    max_delay_ms: 30,
    duplicates: 0.2,
    max_lifetime_ms: 2_500,
  });
  const options = { environment: hurriedEnvironment((url) => proxy.reroute(url)), cachedMessages: 1_000 };
  const [ada, bob, cem] = [
    await newUser(server.url, options),
    await newUser(server.url, options),
    await newUser(server.url, options),
  ];
  const { conversation_id: pair_id } = await ada.client.conversationWith(bob.user_id);
  const { conversation_id: group_id } = await ada.client.createGroup("Tea", [bob.user_id, cem.user_id]);
  const second = async ({ username }: typeof ada) => {
    const made = createClient(server.url, options);
    await made.client.login({ username, password: PASSWORD });
    await made.client.connect();
    return made;
  };
  const clients = { ada, bob, cem, ada2: await second(ada), bob2: await second(bob) };
  const devices = Object.entries(clients).map(([name, { client, faults }]): Device => {
    const ids = name === "cem" ? [group_id] : [pair_id, group_id];
    return { name, client, faults, chats: ids.map((id) => client.conversation(id)) };
  });
  /** Ada shows Cem the door, and lets him in again. */
  const expel = () => ada.client.api.removeMember(group_id, cem.user_id);
  const readmit = () => ada.client.api.addMembers(group_id, [cem.user_id]);
  return { proxy, devices, expel, readmit, names: [ada, bob, cem].map(({ username }) => username) };
}

type Meeting = Awaited<ReturnType<typeof meet>>;

function pick<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}

/** Something that one may do, as often as its weight says. It may be refused, since somebody else was faster. */
function deed({ expel, readmit, names }: Meeting, { name, chats }: Device, count: number): Promise<unknown> {
  const chat = pick(chats);
  if (!chat) return Promise.resolve();
  const texts = chat
    .getSnapshot()
    .messages.filter(({ message_type, deleted_at }) => message_type === "text" && deleted_at === null);
  const id = (list: typeof texts) => pick(list)?.message_id ?? "";
  const mine = texts.filter((message) => message.mine);
  const text = `${name} ${count}`;
  const deeds: [weight: number, doIt: () => unknown][] = [
    [40, () => chat.send(text).acknowledged],
    [10, () => chat.send(`${text}, @${pick(names)}`).acknowledged],
    [10, () => chat.edit(id(mine), `${text}, edited`)],
    [10, () => chat.react(id(texts), pick(["👍", "❤️"]) ?? "")],
    [3, () => chat.unreact(id(texts), "👍")],
    [4, () => chat.delete(id(mine))],
    [5, () => chat.hide(id(texts))],
    [8, () => chat.markRead(pick(texts)?.seq ?? undefined)],
    [
      3,
      () => chat.updateSettings(pick([{ pinned: true }, { archived: true }, { marked_unread: true }]) ?? {}),
    ],
    [2, () => (chat.isOpen ? chat.close() : chat.open())],
    [1, name === "ada" ? expel : () => undefined],
    [4, name === "ada" ? readmit : () => undefined],
  ];
  const doIt = pick(deeds.flatMap(([weight, doIt]) => Array.from({ length: weight }, () => doIt)));
  return Promise.resolve(doIt?.());
}

/** With its fields in one order, without those that are only shown. */
function plain(message: object): string {
  const own = ["key", "mine", "status", "failure"];
  const fields = Object.entries(message).filter(
    ([name, value]) => !own.includes(name) && value !== undefined,
  );
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rowText(rows: readonly InboxRow[], conversation_id: string, counted?: number): string {
  const row = rows.find((row) => row.conversation_id === conversation_id);
  const { head_seq, read_seq, mention_count, pinned, archived, marked_unread, last_message } = row ?? {};
  const unread_count = counted ?? row?.unread_count;
  const last = last_message && [last_message.seq, last_message.content];
  const shown = { head_seq, read_seq, unread_count, mention_count, pinned, archived, marked_unread, last };
  return `row ${JSON.stringify(shown)}`;
}

/** What a device shows otherwise than the server has it for its user. */
async function differences({ client, chats }: Device) {
  const rows = { shown: client.inbox.getSnapshot().rows, there: (await client.api.inbox()).items };
  const missing: string[] = [];
  const extra: string[] = [];
  for (const chat of chats) {
    const { conversation_id } = chat;
    const history = await wholeHistory(client, conversation_id);
    const read_seq = rows.there.find((row) => row.conversation_id === conversation_id)?.read_seq ?? 0;
    const unread = history.filter(
      ({ seq, sender_id, message_type, deleted_at }) =>
        seq > read_seq && sender_id !== client.user_id && message_type === "text" && deleted_at === null,
    );
    const there = [...history.map(plain), rowText(rows.there, conversation_id, unread.length)];
    const messages = chat.getSnapshot().messages.filter(({ failure }) => failure === null);
    const shown = [...messages.map(plain), rowText(rows.shown, conversation_id)];
    missing.push(...there.filter((text) => !shown.includes(text)));
    extra.push(...shown.filter((text, place) => there[place] !== text));
  }
  return { missing, extra };
}

describe("five devices that do everything at once on a network that breaks", () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    "come to what the server has [DLV-1] [DLV-2] [UNR-1] [UNR-2] [CONV-5], round %i",
    async () => {
      const meeting = await meet();
      const { devices, proxy } = meeting;
      const done: Promise<unknown>[] = [];
      const busy_until = Date.now() + BUSY_MS;
      const act = async (device: Device) => {
        for (let count = 1; Date.now() < busy_until; count++) {
          await pause(Math.random() * MAX_PAUSE_MS);
          done.push(deed(meeting, device, count).catch(() => undefined));
        }
      };
      await Promise.all(devices.map(act));
      // Otherwise it would prove nothing.
      await expect.poll(() => proxy.cuts, { timeout: CALM_MS }).toBeGreaterThan(10);
      proxy.behave();
      await Promise.all(done);
      await meeting.readmit().catch(() => undefined);
      for (const device of devices) {
        await expect
          .poll(() => differences(device), { timeout: CALM_MS, interval: LOOK_MS })
          .toEqual({ missing: [], extra: [] });
        expect(device.faults).toEqual([]);
        device.client.disconnect();
      }
      await proxy.stop();
    },
  );
});
