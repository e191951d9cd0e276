// @ts-check
import { randomUUID } from "node:crypto";
import { Failure } from "../failure.mjs";
import { Device } from "./device.mjs";
import { playGroup } from "./group-scene.mjs";
import { Session } from "./session.mjs";
import { findFaults, spread } from "./verdict.mjs";

/** Well under the hundred a minute that a user may send. */
const WHILE_AWAY = 20;

const SMALL_TALK = [
  "Hello Bob, is this thing on?",
  "Loud and clear, Ada.",
  "Every message here is on disk before it is acknowledged.",
  "And before I see it?",
  "Also before you see it.",
  "Then I can pull the plug. Watch me.",
];

/** @typedef {import("./verdict.mjs").Acked & { ack_ms: number, begun_at: number }} Said */

/**
 * Two people talk; resolves to the exit code.
 * @param {string} url
 * @returns {Promise<number>}
 */
export async function demo(url) {
  console.log(`\nUIM demo at ${url}\n`);
  const [ada, bob] = [await Session.register(url, "ada"), await Session.register(url, "bob")];
  const laptopSession = await bob.anotherDevice();
  const { conversation_id } = await ada.call("POST", "/api/conversations", {
    type: "one_on_one",
    participant_id: bob.user.user_id,
  });
  const phone = new Device("Ada's phone", ada, conversation_id);
  const tablet = new Device("Bob's tablet", bob, conversation_id);
  const laptop = new Device("Bob's laptop", laptopSession, conversation_id);
  const devices = [phone, tablet, laptop];
  console.log(
    `  ${ada.user.username} and ${bob.user.username} have registered. Bob's laptop stays closed for now.\n`,
  );
  try {
    const acked = await play(phone, tablet, laptop);
    await playGroup(ada, bob);
    return await judge(acked, devices);
  } finally {
    await Promise.all(devices.map((device) => device.disconnect()));
  }
}

/**
 * @param {Device} phone
 * @param {Device} tablet
 * @param {Device} laptop
 */
async function play(phone, tablet, laptop) {
  /** @type {Said[]} */
  const acked = [];
  await Promise.all([phone.connect("device"), tablet.connect("device")]);
  heading("Over their device sockets");
  for (const [index, text] of SMALL_TALK.slice(0, 4).entries()) {
    acked.push(
      await (index % 2 === 0 ? say(phone, "device", text, tablet) : say(tablet, "device", text, phone)),
    );
  }
  heading("Ada has the conversation on her screen: a conversation socket");
  await phone.connect("conversation");
  for (const text of SMALL_TALK.slice(4, 5)) acked.push(await say(phone, "conversation", text, tablet));
  acked.push(await say(tablet, "device", SMALL_TALK[5] ?? "", phone));
  reportLatencies(acked, [phone, tablet]);

  const head = acked.length;
  await phone.until("Bob's tablet to acknowledge", () => phone.ticks.delivered >= head - 1);
  heading("Bob goes offline. Ada sends on, over her socket and over HTTP");
  await tablet.disconnect();
  const numbers = Array.from({ length: WHILE_AWAY }, (_, index) => index + 1);
  acked.push(
    ...(await Promise.all(
      numbers.map((number) => send(phone, "conversation", `While you were away, ${number}`)),
    )),
  );
  acked.push(await sendOverHttp(phone, "And this one over HTTP."));
  console.log(
    `  ${acked.length - head} messages acknowledged (${spread(acked.slice(head).map(({ ack_ms }) => ack_ms))})`,
  );
  expectThat(phone.ticks.delivered <= head, "a message counts as delivered although nobody was there");

  heading("Bob comes back, on the tablet and on the laptop");
  for (const device of [tablet, laptop]) await comeBack(device, acked.length);
  await phone.until("the tick for delivered", () => phone.ticks.delivered >= acked.length);
  console.log(`  ✓✓ Ada sees all ${acked.length} delivered`);
  await read(acked, phone, tablet, laptop);
  return acked;
}

/**
 * @param {Device} device
 * @param {number} head_seq
 */
async function comeBack(device, head_seq) {
  const before = device.entries.size;
  const begin = performance.now();
  await device.connect("device");
  const took_ms = performance.now() - begin;
  console.log(
    `  ${device.name}: ${device.entries.size - before} messages in ${took_ms.toFixed(0)} ms, none asked for`,
  );
  // The laptop also gets what Bob himself said on the tablet.
  await device.until("everything it missed", () => device.entries.size === head_seq);
}

/**
 * @param {readonly Said[]} acked
 * @param {Device} phone
 * @param {Device} tablet
 * @param {Device} laptop
 */
async function read(acked, phone, tablet, laptop) {
  const { conversation_id, session } = tablet;
  const byAda = acked.filter(({ sender_id }) => sender_id !== session.user.user_id).length;
  const unread = await session.unreadCount(conversation_id);
  expectThat(unread === byAda, `Bob should have ${byAda} unread messages, not ${unread}`);
  tablet.acknowledge("read");
  await laptop.until("the unread count to become 0", () => laptop.unread_count === 0);
  await phone.until("the tick for read", () => phone.ticks.read >= acked.length);
  const left = await laptop.session.unreadCount(conversation_id);
  expectThat(left === 0, `Bob has read everything, and ${left} still count as unread`);
  console.log(
    `  ✓✓ Bob reads on the tablet: ${unread} unread become ${left}, on the laptop too, and Ada sees it`,
  );
}

/**
 * @param {readonly Said[]} acked
 * @param {readonly Device[]} devices
 */
async function judge(acked, devices) {
  heading("Checked against the acks: Ada's phone, Bob's tablet, Bob's laptop, the history");
  const [phone] = devices;
  const history = phone ? await phone.session.history(phone.conversation_id) : [];
  const faults = findFaults(acked, devices, history);
  if (faults.length > 0) {
    throw new Failure(`  ✗ ${faults.length} faults:\n${faults.map((fault) => `    ${fault}`).join("\n")}`);
  }
  console.log(`  ✓ ${acked.length} messages, none lost, none doubled, none out of order\n`);
  return 0;
}

/**
 * Sends, waits until it is there, and prints the line.
 * @param {Device} from
 * @param {"device" | "conversation"} kind
 * @param {string} text
 * @param {Device} to
 */
async function say(from, kind, text, to) {
  const said = await send(from, kind, text);
  await to.until(`"${text}"`, () => to.entries.has(said.seq));
  const delivered_ms = deliveryMs(said, to);
  const who = from.name.startsWith("Ada") ? "Ada" : "Bob";
  console.log(
    `  ${who}  ${text.padEnd(58)} ✓ ${said.ack_ms.toFixed(1)} ms   there ${delivered_ms.toFixed(1)} ms`,
  );
  return said;
}

/**
 * @param {Device} from
 * @param {"device" | "conversation"} kind
 * @param {string} text
 */
async function send(from, kind, text) {
  return { ...(await from.send(kind, text)), sender_id: from.session.user.user_id };
}

/**
 * @param {Device} from
 * @param {string} content
 * @returns {Promise<Said>}
 */
async function sendOverHttp(from, content) {
  const begun_at = performance.now();
  const path = `/api/conversations/${from.conversation_id}/messages`;
  const message = await from.session.call("POST", path, { content, client_message_id: randomUUID() });
  const ack_ms = performance.now() - begun_at;
  // The device knows the message from the answer.
  from.entries.set(message.seq, { message_id: message.message_id, at: performance.now() });
  return { ...message, ack_ms, begun_at };
}

/**
 * @param {readonly Said[]} said
 * @param {readonly Device[]} devices
 */
function reportLatencies(said, devices) {
  const deliveries = said.flatMap((message) =>
    devices
      .filter(({ session }) => session.user.user_id !== message.sender_id)
      .map((device) => deliveryMs(message, device)),
  );
  console.log(`\n  acknowledged: ${spread(said.map(({ ack_ms }) => ack_ms))}`);
  console.log(`  delivered:    ${spread(deliveries)}`);
}

/**
 * @param {Said} said
 * @param {Device} to
 */
function deliveryMs({ seq, begun_at }, to) {
  return (to.entries.get(seq)?.at ?? Number.NaN) - begun_at;
}

/** @param {string} text */
function heading(text) {
  console.log(`\n${text}`);
}

/**
 * @param {boolean} holds
 * @param {string} otherwise
 */
function expectThat(holds, otherwise) {
  if (!holds) throw new Failure(`  ✗ ${otherwise}`);
}
