import type { MarkStatus } from "../../src/protocol/frames/message-ack.ts";
import { GroupModel } from "./group-model.ts";
import type { Evidence } from "./invariants.ts";
import { readTables, type Tables } from "./tables.ts";
import type { Chat, Person } from "./world.ts";

/** Checks that the members of a conversation were told how far each other has come in it since a certain moment (DLV-5). */
export class ToldMarks {
  readonly #evidence: Evidence;
  readonly #chat: Chat;
  readonly #before: Tables | null;

  constructor(evidence: Evidence, chat: Chat) {
    this.#evidence = evidence;
    this.#chat = chat;
    this.#before = this.#tables();
  }

  async check(): Promise<void> {
    const tables = this.#tables();
    if (!tables) return;
    const model = new GroupModel(this.#chat, tables);
    const staying = this.#chat.people.filter(({ user_id }) => this.#hasStayed(model, user_id));
    const [device] = staying[0]?.devices ?? [];
    if (!device) return;
    const members = await this.#evidence.worker.listMembers(device.identity, this.#chat.seed.conversation_id);
    for (const { user_id, delivered_seq, read_seq } of members) {
      if (!staying.some((person) => person.user_id === user_id)) continue;
      for (const person of staying) {
        if (person.user_id === user_id) continue;
        this.#checkTold(person, tables, { user_id, status: "delivered", seq: delivered_seq });
        this.#checkTold(person, tables, { user_id, status: "read", seq: read_seq });
      }
    }
  }

  #checkTold({ user_id: told_id, devices }: Person, { log }: Tables, mark: Mark): void {
    const { user_id, status, seq } = mark;
    const { conversation_id } = this.#chat.seed;
    const after_seq = this.#before?.log.length ?? 0;
    const before_seq = status === "read" ? (this.#before?.reads.get(user_id) ?? after_seq) : after_seq;
    const passed = log.slice(before_seq, seq);
    // What it wrote itself it has, and has read: nobody has to be told.
    if (log.slice(seq - 1).some(({ sender_id }) => sender_id === user_id)) return;
    // Where nothing was written meanwhile, only those are told whom it concerns.
    if (seq <= after_seq && !passed.some(({ sender_id }) => sender_id === told_id)) return;
    for (const device of devices) {
      const told = (each: MarkStatus) => device.marks.of(conversation_id, user_id, each);
      // What is read is delivered.
      const told_seq = Math.max(told(status), told("read"));
      if (told_seq < seq)
        device.violated(
          "DLV-5",
          `was told that ${user_id} has ${status} ${told_seq}, and not soon that it has ${seq}`,
        );
    }
  }

  #hasStayed(model: GroupModel, user_id: string): boolean {
    const stint = model.stintsOf(user_id).at(-1);
    return stint?.left_seq === null && stint.joined_seq < (this.#before?.log.length ?? 0);
  }

  #tables(): Tables | null {
    const { platform } = this.#evidence;
    const host = platform.hosts.find(({ name }) => name === this.#chat.seed.conversation_id);
    return host ? readTables(host) : null;
  }
}

/** Up to where a member has come. */
interface Mark {
  readonly user_id: string;
  readonly status: MarkStatus;
  readonly seq: number;
}
