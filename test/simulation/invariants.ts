import type { StoredInboxRow } from "../../src/objects/user/rpc.ts";
import type { Member } from "../../src/protocol/conversation.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { Device } from "./client/device.ts";
import type { Ledger } from "./client/ledger.ts";
import type { Directory } from "./directory.ts";
import type { Platform } from "./platform/platform.ts";
import { Refused, type Worker } from "./worker.ts";
import type { Chat, Person, World } from "./world.ts";

export interface Evidence {
  readonly platform: Platform;
  readonly worker: Worker;
  readonly world: World;
  readonly ledger: Ledger;
  readonly directory: Directory;
}

/** Each user's inbox, by its id. */
type Inboxes = ReadonlyMap<string, readonly StoredInboxRow[]>;

/** Checks what must hold once everything is healed. Answers how many entries there are. */
export async function checkEverything(evidence: Evidence): Promise<number> {
  // First of all: a conversation that is asked for its members may learn from them what it should have known.
  const inboxes = await readInboxes(evidence);
  let entries = 0;
  for (const chat of evidence.world.chats) entries += await new ChatCheck(evidence, chat, inboxes).run();
  for (const device of evidence.world.devices) {
    if (!device.outbox.isEmpty) device.violated("SEND-1", "a message was never answered");
  }
  return entries;
}

async function readInboxes({ world, worker }: Evidence): Promise<Inboxes> {
  const inboxes = new Map<string, readonly StoredInboxRow[]>();
  for (const { user_id, devices } of world.people) {
    const [device] = devices;
    if (device) inboxes.set(user_id, await worker.listInbox(device.identity));
  }
  return inboxes;
}

/** What must hold for one conversation. */
class ChatCheck {
  readonly #evidence: Evidence;
  readonly #chat: Chat;

  readonly #inboxes: Inboxes;

  constructor(evidence: Evidence, chat: Chat, inboxes: Inboxes) {
    this.#evidence = evidence;
    this.#chat = chat;
    this.#inboxes = inboxes;
  }

  async run(): Promise<number> {
    const { worker } = this.#evidence;
    const [first] = this.#chat.members;
    const [reader] = first?.devices ?? [];
    if (!reader) throw new Error("a conversation without members");
    const log = await readLog(worker, reader, this.#id);
    if (!log) return this.#checkUnfounded();
    const members = await worker.listMembers(reader.identity, this.#id);
    this.#checkLog(log);
    this.#checkSeen(log);
    this.#checkDirectory(members);
    for (const person of this.#chat.members) {
      const member = members.find(({ user_id }) => user_id === person.user_id);
      if (member) this.#checkMember(log, member, person);
      else this.#violated("CONV-1", `${person.user_id} is not a member`);
    }
    return log.length;
  }

  /** Its founding failed, and nobody tried again: then there is nothing of it. */
  #checkUnfounded(): number {
    const isInInbox = [...this.#inboxes.values()].some((rows) =>
      rows.some(({ conversation_id }) => conversation_id === this.#id),
    );
    if (this.#chat.isFounded || isInInbox) this.#violated("SEND-1", "the conversation is gone");
    return 0;
  }

  get #id(): string {
    return this.#chat.seed.conversation_id;
  }

  #violated(rule: string, detail: string): void {
    this.#evidence.platform.violated(rule, `${this.#id}: ${detail}`);
  }

  #checkLog(log: readonly Message[]): void {
    const sent = new Set<string>();
    let last_id = "";
    for (const [index, { seq, message_id, sender_id, client_message_id }] of log.entries()) {
      if (seq !== index + 1) this.#violated("SEQ-1", `${seq} stands in place ${index + 1}`);
      if (message_id <= last_id)
        this.#violated("SEQ-3", `the id of ${seq} does not sort after the one before`);
      last_id = message_id;
      const key = `${sender_id} ${client_message_id}`;
      if (sent.has(key)) this.#violated("IDEM-1", `${client_message_id} is stored twice`);
      sent.add(key);
    }
  }

  /** What was acknowledged, and what anybody was shown, is there (SEND-1, SEND-2). */
  #checkSeen(log: readonly Message[]): void {
    const { acks, entries } = this.#evidence.ledger;
    for (const { sender_id, ack } of acks.values()) {
      if (ack.conversation_id !== this.#id) continue;
      const stored = log[ack.seq - 1];
      const isThere =
        stored?.message_id === ack.message_id &&
        stored.sender_id === sender_id &&
        stored.client_message_id === ack.client_message_id;
      if (!isThere) this.#violated("SEND-1", `${ack.client_message_id}, acknowledged as ${ack.seq}, is lost`);
    }
    for (const [seq, seen] of entries.get(this.#id) ?? []) {
      if (log[seq - 1]?.message_id !== seen.message_id) {
        this.#violated("SEND-2", `${seq} was shown, and is not what is stored`);
      }
    }
  }

  #checkDirectory(members: readonly Member[]): void {
    const listed = this.#evidence.directory.conversation(this.#id)?.members.map(({ user_id }) => user_id);
    const actual = members.map(({ user_id }) => user_id);
    if (listed?.toSorted().join() !== actual.toSorted().join()) {
      this.#violated("the directory follows", `D1 knows ${listed?.length ?? 0} of ${actual.length} members`);
    }
  }

  #checkMember(log: readonly Message[], member: Member, person: Person): void {
    const { user_id, delivered_seq, read_seq } = member;
    const head_seq = log.length;
    if (read_seq > delivered_seq || delivered_seq > head_seq) {
      this.#violated("DLV-5", `read ${read_seq}, delivered ${delivered_seq}, head ${head_seq}`);
    }
    const { ledger } = this.#evidence;
    const shown_delivered = ledger.furthestMark(this.#id, user_id, "delivered");
    const shown_read = ledger.furthestMark(this.#id, user_id, "read");
    if (shown_delivered > delivered_seq || shown_read > read_seq) {
      const shown = `delivered ${shown_delivered}, read ${shown_read}`;
      this.#violated("DLV-5", `${shown} was shown; it is ${delivered_seq}, ${read_seq}`);
    }
    const unread = log.filter(({ seq, sender_id }) => seq > read_seq && sender_id !== user_id).length;
    const [device] = person.devices;
    const row = this.#inboxes.get(user_id)?.find(({ conversation_id }) => conversation_id === this.#id);
    const who = device?.label ?? user_id;
    if (row?.head_seq !== head_seq) {
      this.#violated("DLV-1", `the inbox of ${who} stands at ${row?.head_seq}, the log at ${head_seq}`);
    }
    if (row && (row.read_seq !== read_seq || row.unread_count !== unread)) {
      const there = `read ${row.read_seq}, unread ${row.unread_count}`;
      this.#violated("UNR-1", `the inbox of ${who} says ${there}; the log ${read_seq}, ${unread}`);
    }
    for (const each of person.devices) this.#checkDevice(log, each, read_seq);
  }

  #checkDevice(log: readonly Message[], device: Device, read_seq: number): void {
    const has = device.log(this.#id);
    const lacks = log.filter(({ seq, sender_id, client_message_id = "" }) => {
      const isGivenUp =
        sender_id === device.identity.user_id && device.outbox.hasAbandoned(client_message_id);
      return !has.has(seq) && !isGivenUp;
    });
    if (lacks.length > 0) {
      device.violated("DLV-1", `never received ${lacks.map(({ seq }) => seq).join(", ")} of ${log.length}`);
    }
    const row = device.inbox.rows.get(this.#id);
    if (row?.read_seq !== read_seq) {
      device.violated("UNR-2", `believes to have read ${row?.read_seq}, and has read ${read_seq}`);
    }
    const unreadBy = (head_seq: number) =>
      log.filter(
        ({ seq, sender_id }) => row && isUnread(seq, row.read_seq, sender_id, device) && seq <= head_seq,
      ).length;
    if (row && row.unread_count !== unreadBy(row.head_seq)) {
      device.violated("UNR-2", `shows ${row.unread_count} unread after ${row.read_seq}, at ${row.head_seq}`);
    }
  }
}

/** The whole log; null if there is no such conversation. */
async function readLog(worker: Worker, reader: Device, conversation_id: string): Promise<Message[] | null> {
  const log: Message[] = [];
  try {
    for (;;) {
      const query = { after_seq: log.length, limit: 100 };
      const page = await worker.history(reader.identity, conversation_id, query);
      log.push(...page.items);
      if (!page.has_more) return log;
    }
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === "conversation_not_found") return null;
    throw error;
  }
}

function isUnread(seq: number, read_seq: number, sender_id: string, device: Device): boolean {
  return seq > read_seq && sender_id !== device.identity.user_id;
}
