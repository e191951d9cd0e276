import { checkScan } from "./check-scan.ts";
import type { Faults } from "./faults.ts";
import { type FrameVisitor, scanFrames } from "./frame-scan.ts";
import { LogLedger, ReceiveLedger } from "./ledger.ts";
import type { LoadJob, Room, Seat } from "./load-job.ts";
import type { Measurement } from "./measurement.ts";
import { readKey, Sender } from "./sender.ts";
import { WireSocket } from "./wire-socket.ts";

/** A client acknowledges at most so often (docs/protocol.md §5). */
const RECEIPT_PAUSE_MS = 200;

/** Every so many texts the scan is compared with a parser. */
const CHECK_EVERY = 1000;

/** What the members of one run share. */
export interface RunContext {
  readonly job: LoadJob;
  readonly tag: string;
  readonly measurement: Measurement;
  /** A member was acked something: its window has room again. */
  readonly onAcked: (member: Member) => void;
  readonly refused: (frame: string) => void;
}

/** The conversation of some members, as they see it together. */
export class SharedRoom {
  readonly log = new LogLedger();
  readonly senders: Sender[] = [];
  readonly conversation_id: string;

  constructor({ conversation_id }: Room) {
    this.conversation_id = conversation_id;
  }

  get acked(): number {
    return this.senders.reduce((sum, { ledger }) => sum + ledger.acked, 0);
  }
}

let texts = 0;

/** A connected seat: sends, receives, acknowledges, and keeps account. */
export class Member implements FrameVisitor {
  readonly #context: RunContext;
  readonly #room: SharedRoom;
  readonly #seat: Seat;
  readonly #received: ReceiveLedger;
  readonly sender: Sender | null;
  #socket: WireSocket | null = null;
  #now = 0;
  #receipt_seq = 0;
  #receipt_at = 0;
  #greeted: () => void = () => undefined;
  #lost: (error: Error) => void = () => undefined;

  constructor(context: RunContext, room: SharedRoom, seat: Seat) {
    this.#context = context;
    this.#room = room;
    this.#seat = seat;
    this.#received = new ReceiveLedger(room.log);
    this.sender = seat.sends ? this.#makeSender() : null;
  }

  /** Resolves when the server is ready for this seat. */
  async connect(): Promise<void> {
    const greeted =
      this.#seat.socket === "plain"
        ? Promise.resolve()
        : new Promise<void>((resolve, reject) => {
            this.#greeted = resolve;
            this.#lost = reject;
          });
    const opened = WireSocket.open(this.#seat.url, {
      onText: (payload) => this.#onText(payload),
      onClose: (code) => {
        this.#context.refused(`the server closed a socket with ${code}`);
        this.#lost(new Error(`closed with ${code} before it was ready`));
      },
    });
    [this.#socket] = await Promise.all([opened, greeted]);
  }

  close(): void {
    this.#socket?.close();
  }

  /** Acknowledges what has come, if it is time or `now`. */
  acknowledge(isDue: boolean): void {
    const { last_seq } = this.#received;
    const now = performance.now();
    if (last_seq <= this.#receipt_seq || !(isDue || now - this.#receipt_at >= RECEIPT_PAUSE_MS)) return;
    this.#receipt_seq = last_seq;
    this.#receipt_at = now;
    const payload = `{"conversation_id":"${this.#room.conversation_id}","seq":${last_seq},"status":"delivered"}`;
    this.#socket?.send(`{"type":"MESSAGE_ACK","payload":${payload}}`);
  }

  /** How many messages of the others this member still lacks. */
  get lacking(): number {
    return this.#owed - this.#received.received;
  }

  faults(): Faults {
    return this.#received.faults(this.#owed);
  }

  onSent(key: string, seq: number): void {
    const { measurement, tag, onAcked } = this.#context;
    const message = readKey(key, tag);
    const ledger = this.sender?.ledger;
    if (!message || !ledger) return;
    // An echo has no place in a log.
    if (!ledger.ack(message.number, seq || message.number + 1)) return;
    measurement.acked(this.#now - ledger.dueAt(message.number));
    onAcked(this);
  }

  onReceive(key: string, seq: number): void {
    const { measurement, tag } = this.#context;
    const message = readKey(key, tag);
    if (!message) return;
    this.#received.receive(seq, message.sender, message.number);
    const due_at = this.#room.senders[message.sender]?.ledger.dueAt(message.number) ?? Number.NaN;
    measurement.delivered(this.#now - due_at);
  }

  onOther(type: string, text: string): void {
    if (type === "ERROR") this.#context.refused(text);
    const ready = this.#seat.socket === "device" ? "SYNC_COMPLETE" : "CONNECTED";
    if (type === ready) this.#greeted();
  }

  get #owed(): number {
    if (this.#context.job.echo) return 0;
    return this.#room.acked - (this.sender?.ledger.acked ?? 0);
  }

  #onText(payload: Buffer): void {
    this.#now = performance.now();
    const text = payload.toString("latin1");
    scanFrames(text, this);
    if (!this.#context.job.echo && texts++ % CHECK_EVERY === 0) checkScan(text);
    this.sender?.flush();
  }

  #makeSender(): Sender {
    const { tag, job } = this.#context;
    const { conversation_id, log, senders } = this.#room;
    const sender = new Sender(
      log,
      senders.length,
      { tag, conversation_id, batch: job.batch ?? true },
      (text) => this.#socket?.send(text),
    );
    senders.push(sender);
    return sender;
  }
}
