import type { Message } from "../../src/protocol/message.ts";
import { between } from "./chance.ts";
import type { SoakConversation } from "./conversation.ts";
import type { Inbound } from "./inbound.ts";
import type { Lane, Way } from "./lane.ts";
import type { Reading } from "./plan.ts";
import type { Stream } from "./stream.ts";
import type { World } from "./world.ts";

/** A client acknowledges at most so often (docs/protocol.md §5). */
const ACK_PAUSE_MS = 250;

const READ_PAUSE_SECONDS = { "at once": [1, 3], late: [15, 40] } as const;

export interface ParticipationOptions {
  readonly user_id: string;
  readonly reading: Reading;
  /** What its device has of the conversation, over both kinds of sockets. */
  readonly inbound: Inbound;
  /** False for one that only listens here, since its device sends and acknowledges on another socket. */
  readonly speaks: boolean;
}

/** One device's part in one conversation, on one kind of socket: what it sends, has, acknowledges and reads. */
export class Participation {
  readonly conversation: SoakConversation;
  readonly inbound: Inbound;
  readonly lane: Lane | null;
  readonly #world: World;
  readonly #stream: Stream;
  readonly #user_id: string;
  readonly #reading: Reading;
  #way: Way | null = null;
  #acked_at = 0;
  #read_seq = 0;
  #read_at = 0;
  /** The last read mark may not have been heard. */
  #isReadUnsure = false;

  constructor(
    world: World,
    conversation: SoakConversation,
    { user_id, reading, inbound, speaks }: ParticipationOptions,
  ) {
    this.#world = world;
    this.conversation = conversation;
    this.inbound = inbound;
    this.#stream = inbound.openStream();
    this.lane = speaks ? world.openLane(conversation, user_id) : null;
    this.#user_id = user_id;
    this.#reading = reading;
    this.#putOffReading(performance.now());
  }

  /** `isLive`: it came as it was sent, and not for the device's having been away. */
  receive(message: Message, now: number, isLive: boolean): void {
    const sent = this.#world.identify(message);
    if (!sent) return;
    const isNew = this.inbound.push(this.#stream, message.seq, sent);
    if (isLive && sent.lane === this.lane) this.#world.tally.error("a device was pushed its own message");
    if (!isNew) return;
    if (isLive) this.#world.tally.delivered(sent.lane.age(sent.number, now));
    else this.#world.tally.synced();
  }

  /** What was missed and not pushed: after `after_seq`, up to `to_seq`. */
  async fetch(token: string, after_seq: number, to_seq: number): Promise<void> {
    const { conversation_id } = this.conversation;
    for await (const message of this.#world.readLog(token, conversation_id, after_seq, to_seq)) {
      const sent = this.#world.identify(message);
      if (!sent) continue;
      this.inbound.fetch(message.seq, sent);
      this.#world.tally.synced();
    }
  }

  /** The socket is open and the device has what it missed. */
  open(way: Way): void {
    this.#way = way;
    this.lane?.open(way);
    if (this.#isReadUnsure) this.#sendMark("read", this.#read_seq);
    this.#isReadUnsure = false;
  }

  /** The device is about to go: what it said after its Close would not be heard. */
  fallSilent(): void {
    this.#way = null;
    this.lane?.shut();
  }

  /** The socket has ended. */
  shut(isInOrder: boolean, now: number): void {
    this.fallSilent();
    this.inbound.ended(isInOrder, now);
    this.#isReadUnsure ||= !isInOrder && this.#read_seq > 0;
  }

  /** Acknowledges and reads, where it is time to. */
  tick(now: number): void {
    if (!this.#way || !this.lane) return;
    const due = this.inbound.ackDue;
    if (due !== null && now - this.#acked_at >= ACK_PAUSE_MS) {
      this.#acked_at = now;
      this.inbound.acked(due, now);
      this.#sendMark("delivered", due);
    }
    if (now < this.#read_at || this.#reading === "never" || !this.#world.isLively) return;
    this.#putOffReading(now);
    const seq = this.inbound.whole - (this.#reading === "late" ? Math.floor(between(0, 4)) : 0);
    if (seq > this.#read_seq) this.#read(seq);
  }

  /** Nothing is under way, and nothing is missing. */
  get isAtRest(): boolean {
    const { inFlight = 0 } = this.lane ?? {};
    return inFlight === 0 && this.inbound.missing(this.conversation.head_seq) <= 0;
  }

  #read(seq: number): void {
    this.#read_seq = seq;
    this.conversation.noteRead(this.#user_id, seq);
    this.#sendMark("read", seq);
  }

  #sendMark(status: "delivered" | "read", seq: number): void {
    const { conversation_id } = this.conversation;
    this.#way?.send(JSON.stringify({ type: "MESSAGE_ACK", payload: { conversation_id, seq, status } }));
  }

  #putOffReading(now: number): void {
    if (this.#reading === "never") return;
    const [least, most] = READ_PAUSE_SECONDS[this.#reading];
    this.#read_at = now + between(least, most) * 1000;
  }
}
