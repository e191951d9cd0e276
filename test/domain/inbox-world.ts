import {
  type HandOverReceipt,
  type HiddenMessage,
  isOrigin,
  type ReadState,
} from "../../src/domain/hand-over.ts";
import { freshHidden, withHidden } from "../../src/domain/hidden.ts";
import {
  acknowledge,
  applyRead,
  type Inbox,
  openInbox,
  positionOf,
  takeHandOver,
} from "../../src/domain/inbox.ts";
import { type Contribution, contributionsOf } from "../../src/domain/unread.ts";
import { type Call, ConversationModel } from "./conversation-model.ts";
import { faceOf, ME, NOW } from "./samples.ts";

/** Names that an object has by nature are device ids too. */
const DEVICE_IDS = ["phone", "constructor", "toString", "laptop"];

interface Device {
  readonly device_id: string;
  readonly start: number;
  /** The furthest it ever acked, whoever heard of it. */
  acked: number;
}

/** A read mark on its way: asked, then perhaps answered (compare `read` in src/objects/user/user-desk.ts). */
interface Reading {
  readonly seq: number;
  readonly arrivals: Contribution[];
  answer: ReadState | null;
}

/** One user's inbox row of one conversation, under a network that delays, repeats, reorders and loses calls. */
export class InboxWorld {
  readonly conversation = new ConversationModel();
  inbox: Inbox = openInbox(faceOf(0));
  readonly #devices: Device[] = [];
  readonly #late: Call[] = [];
  readonly #readings: Reading[] = [];
  /** Of what I have hidden, what this side knows. */
  readonly #hidden: HiddenMessage[] = [];

  constructor() {
    this.joinDevice();
    this.joinDevice();
  }

  joinDevice(): void {
    const device_id = DEVICE_IDS[this.#devices.length];
    if (device_id !== undefined) this.#devices.push({ device_id, start: this.inbox.head_seq, acked: 0 });
  }

  post(a: number, b: number): void {
    const device = this.#devices[a % 7];
    this.conversation.post(device?.device_id ?? null, b % 4 === 0);
  }

  change(a: number, b: number): void {
    this.conversation.change(a, b % 3 === 0, b % 2 === 0);
  }

  hide(a: number): void {
    this.conversation.hide(a);
  }

  call(a: number): void {
    this.conversation.call(1 + (a % 4));
  }

  /** The call arrives, and so does its answer. */
  arrive(): void {
    const call = this.conversation.inFlight;
    if (call) this.conversation.received(this.#takeIn(call));
  }

  /** The call arrives, but its answer is lost. */
  loseAnswer(): void {
    const call = this.conversation.failed();
    if (call) this.#takeIn(call);
  }

  /** The caller gives up; the call comes later, or never. */
  delayCall(): void {
    const call = this.conversation.failed();
    if (call) this.#late.push(call);
  }

  arriveLate(a: number): void {
    const [call] = this.#late.splice(a % (this.#late.length + 1), 1);
    if (call) this.#takeIn(call);
  }

  crash(a: number): void {
    const call = this.conversation.crash(a % (this.inbox.head_seq + 1));
    if (call) this.#late.push(call);
  }

  ack(a: number, b: number): void {
    const device = this.#device(a);
    const seq = b % (this.inbox.head_seq + 3);
    device.acked = Math.max(device.acked, seq);
    const before = this.inbox;
    this.inbox = acknowledge(before, device.device_id, seq, NOW);
    for (const { device_id } of this.#devices) {
      const target = device_id === device.device_id ? Math.min(seq, before.head_seq) : 0;
      const position = Math.max(positionOf(before, device_id), target);
      must(positionOf(this.inbox, device_id) === position, "an ack moves its own device, to its place");
    }
  }

  ackOnConversationSocket(a: number, b: number): void {
    const device = this.#device(a);
    const seq = b % (this.conversation.head_seq + 1);
    device.acked = Math.max(device.acked, seq);
    const ack = { device_id: device.device_id, seq, at: NOW };
    this.conversation.forwardAck(ack, a % 3 === 0 ? "delivered" : "read");
  }

  askToRead(a: number): void {
    this.#readings.push({ seq: a % (this.conversation.head_seq + 2), arrivals: [], answer: null });
  }

  /** The conversation moves the mark; the same question may come to it twice. */
  markRead(a: number): void {
    const reading = this.#readings[a % (this.#readings.length + 1)];
    if (reading) reading.answer = this.conversation.markRead(reading.seq);
  }

  /** The answer comes; or it never will, if there was none yet. */
  endReading(a: number): void {
    const [reading] = this.#readings.splice(a % (this.#readings.length + 1), 1);
    if (reading?.answer) this.inbox = applyRead(this.inbox, reading.answer, reading.arrivals, NOW);
  }

  /** The network comes to rest: whatever is under way arrives, and the conversation calls once more. */
  settle(): void {
    while (this.#readings.length > 0) this.endReading(0);
    while (this.#late.length > 0) this.arriveLate(0);
    this.arrive();
    do {
      this.call(3);
      this.arrive();
    } while (this.conversation.hasWork);
  }

  /** What holds at every moment (DLV-1, DLV-2, DLV-5, UNR-1). */
  check(before: Inbox): void {
    const { inbox } = this;
    const { read_seq, counted_seq, hidden_count } = inbox;
    const { unread, mentions } = this.conversation.unread(read_seq, counted_seq, hidden_count);
    must(inbox.unread_count === unread, "unread is exact for what is counted");
    must(inbox.mention_count === mentions, "mentions are exact for what is counted");
    must(inbox.head_seq >= before.head_seq, "the head only grows");
    must(inbox.read_seq >= before.read_seq, "what is read stays read");
    must(inbox.delivered_seq >= before.delivered_seq, "what is delivered stays delivered");
    must(inbox.delivered_seq <= inbox.head_seq, "nothing is delivered beyond the head");
    const shown_seq = lastSeqOf(inbox);
    must(shown_seq >= this.conversation.lastShown(inbox.head_seq), "the last message is shown");
    const isHidden = this.#hidden.some(({ seq }) => seq === shown_seq);
    must(!isHidden && shown_seq <= inbox.head_seq, "what is known to be hidden is not shown");
    must(inbox.hidden_count >= before.hidden_count, "what is hidden stays hidden");
    must(inbox.counted_seq >= inbox.head_seq, "what has come is counted");
    for (const position of Object.values(inbox.positions)) {
      must(position < inbox.head_seq, "who is named lacks something");
    }
    for (const device of this.#devices) this.#checkPosition(device);
  }

  /** What a device is believed to have, it has acked, or sent itself, or it came after it. */
  #checkPosition({ device_id, start, acked }: Device): void {
    const from = Math.max(start, acked);
    const believed = this.conversation.entriesAfter(from, positionOf(this.inbox, device_id) - from);
    const isOwn = believed.every((entry) => isOrigin(entry, ME, device_id));
    must(isOwn, "a device is not believed to have what it never acked");
  }

  #takeIn(call: Call): Omit<HandOverReceipt, "listening"> {
    const ids = this.#devices.map(({ device_id }) => device_id);
    const entries = withHidden(call.entries, new Set(this.#hidden.map(({ seq }) => seq)));
    const { inbox, fresh, hidden } = takeHandOver(this.inbox, { ...call, entries }, ME, ids, NOW);
    this.inbox = inbox;
    this.#hidden.push(...freshHidden(hidden, this.#hidden.length));
    for (const { arrivals } of this.#readings) arrivals.push(...contributionsOf(fresh, ME));
    return { ...inbox, hidden_count: Math.min(inbox.hidden_count, this.#hidden.length) };
  }

  #device(a: number): Device {
    const device = this.#devices[a % this.#devices.length];
    if (!device) throw new Error("there are no devices");
    return device;
  }
}

export function lastSeqOf({ last_message }: Inbox): number {
  return Number(last_message?.match(/"seq":(\d+)/)?.[1] ?? 0);
}

/** Many times quicker than `expect`, and there are millions of checks. */
function must(holds: boolean, invariant: string): void {
  if (!holds) throw new Error(`broken: ${invariant}`);
}
