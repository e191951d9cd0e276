import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addFaults, type Faults, NO_FAULTS } from "../client/faults.ts";
import { LOG_FILE } from "../servers/uim-server.ts";
import type { Crowd } from "./crowd.ts";
import type { Device } from "./device.ts";
import { readInbox } from "./requests.ts";
import type { World } from "./world.ts";

/** Longer than anything may be under way once nobody sends. */
const REST_MS = 60_000;
/** What is said twice may be said a moment later. */
const LATER_MS = 3_000;
/** A mark may be told late (docs/protocol.md DLV-5). */
const MARKS_MS = 20_000;

export interface Account {
  readonly faults: Faults;
  readonly repeated: number;
  readonly inbox_rows: number;
  readonly read_back: number;
}

/** Until everything sent is acked and everybody has everything, or too long has passed. */
export async function comeToRest(crowd: Crowd): Promise<void> {
  const deadline = performance.now() + REST_MS;
  const isAtRest = () =>
    crowd.devices.every((device) => [...device.participations()].every(({ isAtRest }) => isAtRest));
  while (!isAtRest() && performance.now() < deadline) await sleep(50);
  await sleep(LATER_MS);
}

/** Compares everything that can be seen from outside with what was sent and read. Complaints go to the tally. */
export async function settleAccounts(world: World, crowd: Crowd): Promise<Account> {
  const read_back = await readLogsBack(world, crowd);
  let inbox_rows = 0;
  const users = Map.groupBy(crowd.devices, ({ user }) => user.user_id);
  const deadline = performance.now() + MARKS_MS;
  for (const devices of users.values()) inbox_rows += await checkInbox(world, crowd, devices, deadline);
  for (const { device_id, user, inbounds } of crowd.devices)
    for (const { inbound, conversation } of inbounds)
      for (const complaint of inbound.complaints)
        world.tally.error(
          `device ${device_id} of ${user.user_id} in ${conversation.conversation_id} (${conversation.user_ids.length} members): ${complaint}`,
        );
  const inbounds = crowd.devices.flatMap((device) => device.inbounds);
  const received = inbounds.map(({ inbound, conversation }) => inbound.faults(conversation.head_seq));
  const sent = world.lanes.map(({ ledger }) => ledger.faults());
  return {
    faults: [...received, ...sent].reduce(addFaults, NO_FAULTS),
    repeated: inbounds.reduce((sum, { inbound }) => sum + inbound.repeated, 0),
    inbox_rows,
    read_back,
  };
}

/** What is stored is what was acked: every place of every log once, each with its message (SEQ-1, SEND-1). */
async function readLogsBack(world: World, crowd: Crowd): Promise<number> {
  let read_back = 0;
  for (const { conversation_id, user_ids, acked, head_seq, log } of crowd.conversations) {
    const where = `the log of ${conversation_id}`;
    if (acked !== head_seq) world.tally.error(`${where} has ${head_seq} places, and ${acked} were acked`);
    const [device] = crowd.devicesOf(user_ids[0] ?? "");
    if (!device) continue;
    for await (const message of world.readLog(device.token, conversation_id, 0, head_seq)) {
      read_back++;
      const sent = world.identify(message);
      if (sent && !log.agrees(message.seq, sent.sender, sent.number))
        world.tally.error(`${where} has another message at ${message.seq} than was acked there`);
    }
  }
  return read_back;
}

/** Answers how many rows were compared. Until the deadline, what is not right yet may become so. */
async function checkInbox(
  world: World,
  crowd: Crowd,
  devices: readonly Device[],
  deadline: number,
): Promise<number> {
  const [device] = devices;
  if (!device) return 0;
  for (;;) {
    const { compared, complaints } = await compareInbox(world, crowd, device, devices);
    if (complaints.length === 0) return compared;
    if (performance.now() > deadline) {
      for (const complaint of complaints) world.tally.error(complaint);
      return compared;
    }
    await sleep(500);
  }
}

/** Unread counts, read marks and heads of one user, as the server says them and as they must be (UNR-1, UNR-2). */
async function compareInbox(world: World, crowd: Crowd, device: Device, devices: readonly Device[]) {
  const { user_id } = device.user;
  const rows = new Map((await readInbox(world, device)).map((row) => [row.conversation_id, row]));
  const complaints: string[] = [];
  const mine = crowd.conversations.filter(({ user_ids }) => user_ids.includes(user_id));
  for (const conversation of mine) {
    const { conversation_id, head_seq } = conversation;
    const row = rows.get(conversation_id);
    const compare = (what: string, found: number | undefined, expected: number) => {
      if (found !== expected)
        complaints.push(`${what} of ${user_id} in ${conversation_id} is ${found}, not ${expected}`);
    };
    const read_seq = conversation.readSeq(user_id);
    compare("the head", row?.head_seq, head_seq);
    compare("the read mark", row?.read_seq, read_seq);
    compare("the unread count", row?.unread_count, conversation.unread(user_id, read_seq));
    if (head_seq > 0) compare("the last message", row?.last_message?.seq, head_seq);
    for (const other of devices)
      compare(
        `what device ${other.device_id} was told of the read mark`,
        other.toldRead(conversation_id),
        read_seq,
      );
  }
  if (rows.size !== mine.length)
    complaints.push(`${user_id} has ${rows.size} inbox rows, not ${mine.length}`);
  return { compared: mine.length, complaints };
}

/** The log has lines of level warn and above only. */
export function checkServerLog(data_folder: string, world: World): void {
  const lines = fs.readFileSync(path.join(data_folder, LOG_FILE), "utf8").split("\n");
  for (const line of lines) if (line !== "") world.tally.error(`the server's log: ${line.slice(0, 300)}`);
}
