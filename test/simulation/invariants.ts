import type { StoredInboxRow } from "../../src/objects/user/rpc.ts";
import type { Member } from "../../src/protocol/conversation.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { Device } from "./client/device.ts";
import { endOf } from "./client/gap-fetcher.ts";
import type { Ledger } from "./client/ledger.ts";
import { DeviceCheck } from "./device-check.ts";
import type { Directory } from "./directory.ts";
import { GroupModel } from "./group-model.ts";
import { LogCheck } from "./log-check.ts";
import type { Platform } from "./platform/platform.ts";
import { readTables, type Tables } from "./tables.ts";
import type { Worker } from "./worker.ts";
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
    const host = this.#evidence.platform.hosts.find(({ name }) => name === this.#id);
    const tables = host ? readTables(host) : null;
    if (!tables) return this.#checkUnfounded();
    const model = new GroupModel(this.#chat, tables);
    new LogCheck(this.#evidence, this.#chat, tables).run(model);
    this.#checkDirectory(model);
    for (const person of this.#chat.people) {
      if (model.isMember(person.user_id)) await this.#checkMember(tables, model, person);
      else this.#checkStranger(person);
      for (const device of person.devices) new DeviceCheck(device, this.#chat, tables, model).checkEntries();
    }
    return tables.log.length;
  }

  /** Its founding failed, and nobody tried again: then there is nothing of it. */
  #checkUnfounded(): number {
    const isInInbox = this.#chat.people.some((person) => this.#rowOf(person) !== undefined);
    if (this.#chat.isFounded || isInInbox) this.#violated("SEND-1", "the conversation is gone");
    return 0;
  }

  get #id(): string {
    return this.#chat.seed.conversation_id;
  }

  #rowOf({ user_id }: Person): StoredInboxRow | undefined {
    return this.#inboxes.get(user_id)?.find(({ conversation_id }) => conversation_id === this.#id);
  }

  #violated(rule: string, detail: string): void {
    this.#evidence.platform.violated(rule, `${this.#id}: ${detail}`);
  }

  #checkDirectory({ roles, name }: GroupModel): void {
    const listed = this.#evidence.directory.conversation(this.#id);
    const there = listed?.members.map(({ user_id, role }) => `${user_id} ${role}`);
    const actual = Array.from(roles, ([user_id, role]) => `${user_id} ${role}`);
    if (there?.toSorted().join() !== actual.toSorted().join() || listed?.name !== name) {
      this.#violated("the directory follows", `D1 knows ${there?.length ?? 0} of ${actual.length} members`);
    }
  }

  async #checkMember(tables: Tables, model: GroupModel, person: Person): Promise<void> {
    const { worker } = this.#evidence;
    const { user_id } = person;
    const [device] = person.devices;
    if (!device) throw new Error("a person without devices");
    const members = await worker.listMembers(device.identity, this.#id);
    const roles = Object.fromEntries(members.map((member) => [member.user_id, member.role]));
    if (JSON.stringify(sorted(roles)) !== JSON.stringify(sorted(Object.fromEntries(model.roles))))
      this.#violated("CONV-3", "the members are not who the log says");
    const member = members.find((other) => other.user_id === user_id);
    if (!member) return;
    const { length: head_seq } = tables.log;
    this.#checkMarks(member, head_seq);
    this.#checkInbox(model, member, head_seq, person);
    const now = await this.#readAsNow(device);
    this.#checkHidden(tables, person, now);
    const conversation = await worker.describe(user_id, this.#id);
    if (conversation.name !== model.name || conversation.description !== model.description)
      this.#violated("CONV-3", "its name and its description are not what the log says");
    for (const each of person.devices) {
      const check = new DeviceCheck(each, this.#chat, tables, model);
      check.checkRow(member.read_seq);
      check.checkMessages(now);
      check.checkHidden();
      check.checkConversation(conversation);
    }
  }

  /** What somebody has deleted for itself is so, and the history does not tell it (docs/protocol.md §2). */
  #checkHidden(
    { log, hidden }: Tables,
    { user_id, username }: Person,
    now: ReadonlyMap<number, Message>,
  ): void {
    const acknowledged = this.#evidence.ledger.hidden.get(user_id);
    for (const { seq, message_id } of log) {
      const isHidden = hidden.get(user_id)?.has(seq) === true;
      if (acknowledged?.has(message_id) && !isHidden)
        this.#violated("what is hidden stays so", `${username} has deleted ${seq} for itself, and has it`);
      if (isHidden && (now.get(seq)?.content ?? "") !== "")
        this.#violated("DLV-1", `the history tells ${username} of ${seq}, which it has deleted for itself`);
    }
  }

  #checkMarks({ user_id, delivered_seq, read_seq }: Member, head_seq: number): void {
    const { ledger } = this.#evidence;
    if (read_seq > delivered_seq || delivered_seq > head_seq) {
      this.#violated("DLV-5", `read ${read_seq}, delivered ${delivered_seq}, head ${head_seq}`);
    }
    const shown_delivered = ledger.marks.of(this.#id, user_id, "delivered");
    const shown_read = ledger.marks.of(this.#id, user_id, "read");
    if (shown_delivered > delivered_seq || shown_read > read_seq) {
      const shown = `delivered ${shown_delivered}, read ${shown_read}`;
      this.#violated("DLV-5", `${shown} was shown of ${user_id}; it is ${delivered_seq}, ${read_seq}`);
    }
  }

  #checkInbox(model: GroupModel, { user_id, read_seq }: Member, head_seq: number, person: Person): void {
    const row = this.#rowOf(person);
    const who = person.username;
    if (row?.head_seq !== head_seq) {
      this.#violated("DLV-1", `the inbox of ${who} stands at ${row?.head_seq}, the log at ${head_seq}`);
    }
    const { unread, mentions } = model.unreadFor(user_id, read_seq);
    if (row && (row.read_seq !== read_seq || row.unread_count !== unread || row.mention_count !== mentions)) {
      const there = `read ${row.read_seq}, unread ${row.unread_count}, mentions ${row.mention_count}`;
      this.#violated(
        "UNR-1",
        `the inbox of ${who} says ${there}; the log ${read_seq}, ${unread}, ${mentions}`,
      );
    }
    // Who comes back finds it as new.
    const isFirstTime = model.stintsOf(user_id).length === 1;
    const mutes = this.#evidence.ledger.mutesOf(this.#id, user_id);
    if (row && isFirstTime && !mutes.allows(row.muted_until))
      this.#violated("the settings are what was asked", `${who} has it muted until ${row.muted_until}`);
    for (const each of person.devices) {
      const shown = each.inbox.rows.get(this.#id)?.muted_until;
      if (row && shown !== row.muted_until)
        each.violated("DLV-1", `shows it muted until ${shown}, the inbox says ${row.muted_until}`);
    }
    if (row && row.name !== model.name) this.#violated("DLV-1", `${who} knows it as ${row.name}`);
  }

  /** Who is no member has nothing of it any more (CONV-4). */
  #checkStranger(person: Person): void {
    if (this.#rowOf(person))
      this.#violated("CONV-4", `${person.username} has it in the inbox, and is no member`);
    for (const device of person.devices) {
      if (device.inbox.rows.has(this.#id)) device.violated("CONV-4", "shows a conversation that it has left");
      if (device.sockets.hasConversation(this.#id)) device.violated("CONV-4", "still has a socket to it");
    }
  }

  /** All that a member may read, page by page, as it is now. */
  async #readAsNow(device: Device): Promise<Map<number, Message>> {
    const messages = new Map<number, Message>();
    for (let after_seq = 0; ; ) {
      const query = { after_seq, limit: 7 };
      const page = await this.#evidence.worker.history(device.identity, this.#id, query);
      for (const message of [...page.items, ...page.updates.map((update) => update.message)])
        messages.set(message.seq, message);
      if (!page.has_more) return messages;
      after_seq = endOf(page);
    }
  }
}

function sorted(record: Readonly<Record<string, unknown>>) {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
