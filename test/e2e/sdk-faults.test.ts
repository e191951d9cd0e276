import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../sdk/index.ts";
import { type FlakyProxy, startFlakyProxy } from "../support/sdk/flaky-proxy.ts";
import {
  createClient,
  hurriedEnvironment,
  newUser,
  PASSWORD,
  shows,
  until,
  wholeHistory,
} from "../support/sdk/sdk-client.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const MESSAGES = 1_000;
const MAX_MS = 120_000;
/** Two cores may be busy with something else. */
const WAIT_MS = 30_000;

let server: TestServer;
let proxy: FlakyProxy;

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startFlakyProxy(server.url, {
    random: Math.random,
    max_delay_ms: 12,
    duplicates: 0.2,
    max_lifetime_ms: 2_500,
  });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

describe("three devices on a network that breaks, repeats and delays", () => {
  it("all come to the same, with nothing lost, doubled or out of order [SEND-1] [IDEM-1] [DLV-1] [DLV-3]", {
    timeout: MAX_MS,
  }, async () => {
    const environment = hurriedEnvironment((url) => proxy.reroute(url));
    // Nobody looks at these conversations, and all of them is to be compared.
    const options = { environment, cachedMessages: MESSAGES };
    const ada = await newUser(server.url, options);
    const bob = await newUser(server.url, options);
    const second = createClient(server.url, options);
    await second.client.login({ username: ada.username, password: PASSWORD });
    await second.client.connect();
    const { conversation_id } = await ada.client.conversationWith(bob.user_id);

    const devices = [ada, second, bob].map(({ client, faults }, index) => {
      const heard: number[] = [];
      client.on("message", ({ seq }) => heard.push(seq));
      return { name: `device ${index}`, client, faults, heard, chat: client.conversation(conversation_id) };
    });
    // One of them also holds a socket to the conversation itself: entries come to it twice (DLV-4).
    await devices[2]?.chat.open();

    const written = new Set<string>();
    const sendings = devices.map(async ({ name, chat }, index) => {
      const count = Math.floor((MESSAGES + index) / devices.length);
      const acks = Array.from({ length: count }, (_, number) => {
        const text = `${name}, message ${number}`;
        written.add(text);
        return chat.send(text).acknowledged;
      });
      // Some are edited or reacted to while the rest is on its way.
      for (const ack of acks.slice(0, 5)) {
        const { message_id } = await ack;
        await chat.edit(message_id, `${name}, edited ${message_id}`);
        await chat.react(message_id, "👍");
      }
      return Promise.all(acks);
    });
    const acks = (await Promise.all(sendings)).flat();
    expect(written.size).toBe(MESSAGES);
    // Otherwise it would prove nothing.
    await expect.poll(() => proxy.cuts, { timeout: WAIT_MS }).toBeGreaterThan(10);
    proxy.behave();

    const history = await wholeHistory(ada.client, conversation_id);
    expect(history).toHaveLength(MESSAGES);
    expect(new Set(history.map(({ client_message_id }) => client_message_id)).size).toBe(MESSAGES);
    expect(new Set(acks.map(({ seq }) => seq))).toEqual(new Set(history.map(({ seq }) => seq)));

    for (const { client, chat, heard, faults } of devices) {
      const isOwn = ({ sender_id }: Message) => sender_id === client.user_id;
      const expected = history.map((message) => withOwnEyes(message, client.user_id));
      await until(
        chat,
        ({ messages }) => {
          const shown = messages.map(({ key: _k, mine: _m, status: _s, failure: _f, ...message }) => message);
          return JSON.stringify(shown.map(sorted)) === JSON.stringify(expected.map(sorted));
        },
        WAIT_MS,
      );
      const others = history.filter((message) => !isOwn(message)).map(({ seq }) => seq);
      await until(client.inbox, ({ rows }) => rows[0]?.head_seq === history.length + 30, WAIT_MS);
      await expect.poll(() => heard).toEqual(others);
      expect(client.inbox.getSnapshot().unread_count).toBe(others.length);
      expect(client.unsent.getSnapshot()).toEqual([]);
      expect(faults).toEqual([]);
      client.disconnect();
    }
  });
});

it("what is written while the server is killed and comes back is there once, and in order [SEND-1] [IDEM-1]", {
  timeout: MAX_MS,
}, async () => {
  const [ada, bob] = await Promise.all([newUser(server.url), newUser(server.url)]);
  const mine = await ada.client.conversationWith(bob.user_id);
  const { conversation_id } = mine;
  const his = bob.client.conversation(conversation_id);
  const heard: string[] = [];
  bob.client.on("message", ({ content }) => heard.push(content));
  const written = Array.from({ length: 200 }, (_, number) => `message ${number}`);
  const sendings = written.map((text) => mine.send(text).acknowledged);
  await sendings[20];
  await server.kill("SIGKILL");
  await server.restart();
  await Promise.all(sendings);
  await shows(his, written, WAIT_MS);
  await shows(mine, written);
  await expect.poll(() => heard).toEqual(written);
  const history = await wholeHistory(ada.client, conversation_id);
  expect(history.map(({ content }) => content)).toEqual(written);
  ada.client.disconnect();
  bob.client.disconnect();
});

/** Whose reaction it is, each sees with their own eyes; here each sender reacted to its own. */
function withOwnEyes(message: Message, user_id: string | null): Message {
  const reactions = message.reactions.map((reaction) => ({
    ...reaction,
    mine: message.sender_id === user_id,
  }));
  return { ...message, reactions };
}

/** With its fields in one order, to be compared as text. */
function sorted(message: object): [string, unknown][] {
  return Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1));
}
