import type { Conversation } from "../../src/protocol/conversation.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { ConversationView } from "./client/conversation-view.ts";
import type { Device } from "./client/device.ts";
import type { DeviceLog } from "./client/device-log.ts";
import { GroupModel, type Stint } from "./group-model.ts";
import type { LogRow, Tables } from "./tables.ts";
import type { Chat } from "./world.ts";

/** What must hold for what one device has, and shows, of one conversation. */
export class DeviceCheck {
  readonly #device: Device;
  readonly #chat: Chat;
  readonly #tables: Tables;
  readonly #model: GroupModel;

  constructor(device: Device, chat: Chat, tables: Tables, model: GroupModel) {
    this.#device = device;
    this.#chat = chat;
    this.#tables = tables;
    this.#model = model;
  }

  get #id(): string {
    return this.#chat.seed.conversation_id;
  }

  get #has(): DeviceLog {
    return this.#device.log(this.#id);
  }

  get #view(): ConversationView {
    return this.#device.view(this.#id);
  }

  /** It has all of its user's last time as a member, and nothing from outside of one (DLV-1, CONV-4, CONV-5). */
  checkEntries(): void {
    const device = this.#device;
    const { log } = this.#tables;
    const stints = this.#model.stintsOf(device.identity.user_id);
    const foreign = [...this.#has.received].filter((seq) => !stints.some((stint) => isWithin(stint, seq)));
    if (foreign.length > 0) device.violated("CONV-4", `was shown ${foreign.join(", ")}, outside of its time`);
    const read = [...this.#view.messages.values()].filter(
      ({ seq, content }) => content !== "" && !stints.some((stint) => isWithin(stint, seq)),
    );
    if (read.length > 0)
      device.violated("CONV-5", `was shown what ${read.map(({ seq }) => seq).join(", ")} say`);
    const last = stints.at(-1);
    if (!last || (last.left_seq !== null && !device.isFirst)) return;
    const lacks = log.filter((row) => isWithin(last, row.seq) && this.#lacks(row, last));
    if (lacks.length > 0) {
      device.violated("DLV-1", `never received ${lacks.map(({ seq }) => seq).join(", ")} of ${log.length}`);
    }
  }

  /** What it shows of each message is what it is now. */
  checkMessages(now: ReadonlyMap<number, Message>): void {
    for (const [seq, shown] of this.#view.messages) {
      const message = now.get(seq);
      // What its user may not read, or has deleted for itself, is nothing to compare with.
      if (!message || this.#view.hidden.has(message.message_id)) continue;
      const difference = differenceOf(shown, message);
      if (difference !== "") this.#device.violated("DLV-1", `shows message ${seq} with ${difference}`);
    }
  }

  /** It shows nothing of what its user has deleted for itself, and everything else. */
  checkHidden(): void {
    const hidden = this.#model.hiddenBy(this.#device.identity.user_id);
    for (const { seq, message_id } of this.#tables.log) {
      const isShown = (this.#view.messages.get(seq)?.content ?? "") !== "";
      const isKnown = this.#view.hidden.has(message_id);
      if (hidden.has(seq) && isShown && !isKnown)
        this.#device.violated("DLV-1", `shows ${seq}, which its user has deleted for itself`);
      if (!hidden.has(seq) && isKnown) this.#device.violated("DLV-1", `hides ${seq} for no reason`);
    }
  }

  checkConversation(conversation: Conversation): void {
    const shown = this.#view.conversation;
    const { length: head_seq } = this.#tables.log;
    const difference = shown ? differenceOf({ ...shown, head_seq }, conversation) : "";
    if (difference !== "") this.#device.violated("DLV-1", `shows the conversation with ${difference}`);
  }

  checkRow(read_seq: number): void {
    const device = this.#device;
    const surely_read_seq = device.reading.surelyRead(this.#id);
    if (surely_read_seq > read_seq)
      device.violated("UNR-2", `said that ${surely_read_seq} is read, and it is ${read_seq}`);
    const row = device.inbox.rows.get(this.#id);
    if (row?.read_seq !== read_seq) {
      device.violated("UNR-2", `believes to have read ${row?.read_seq}, and has read ${read_seq}`);
      return;
    }
    const { log, hidden } = this.#tables;
    const then = new GroupModel(this.#chat, { log: log.slice(0, row.head_seq), hidden });
    const { unread, mentions } = then.unreadFor(device.identity.user_id, row.read_seq);
    if (row.unread_count !== unread || row.mention_count !== mentions) {
      const shown = `${row.unread_count} unread, ${row.mention_count} mentions`;
      device.violated(
        "UNR-2",
        `shows ${shown} after ${row.read_seq}, at ${row.head_seq}: ${unread}, ${mentions}`,
      );
    }
  }

  #lacks({ seq, kind, sender_id, client_message_id }: LogRow, { left_seq }: Stint): boolean {
    const { identity, outbox } = this.#device;
    const has = this.#has;
    const isGivenUp = sender_id === identity.user_id && outbox.hasAbandoned(client_message_id ?? "");
    // The history tells what a change has come to, not the change, and nothing of what its user has deleted for itself.
    const isUntold =
      (kind !== "message" && kind !== "event") || this.#model.hiddenBy(identity.user_id).has(seq);
    const isForgone = has.hasForgone(seq);
    const isThere = isUntold && !isForgone ? has.has(seq) : has.received.has(seq);
    // To who has left nobody gives what was announced.
    return seq > has.base && !isThere && !isGivenUp && !(isForgone && left_seq !== null);
  }
}

function isWithin({ joined_seq, left_seq }: Stint, seq: number): boolean {
  return joined_seq < seq && seq <= (left_seq ?? Number.POSITIVE_INFINITY);
}

/** What one shows and the other says, where they differ. */
function differenceOf(shown: object, actual: object): string {
  const entries = new Map<string, unknown>(Object.entries(actual));
  const all = new Map<string, unknown>([
    ...Array.from(entries, ([key]) => [key, undefined] as const),
    ...Object.entries(shown),
  ]);
  return [...all]
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(entries.get(key)))
    .map(([key, value]) => `${key} ${JSON.stringify(value)} for ${JSON.stringify(entries.get(key))}`)
    .join(", ");
}
