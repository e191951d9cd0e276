import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { addFaults, NO_FAULTS } from "./faults.ts";
import type { LoadJob, LoadResult } from "./load-job.ts";
import { Measurement } from "./measurement.ts";
import { Member, SharedRoom } from "./member.ts";

/** See `LoadJob.drain_ms`. */
const DRAIN_MS = 15_000;
const RECEIPT_LOOK_MS = 20;
const CONNECT_PARALLEL = 50;

export interface RunEvents {
  /** Every seat is connected; nothing is sent until this resolves. */
  ready(): Promise<void>;
  /** The measured part begins. */
  begin(): void;
  end(): void;
  /** Nothing more comes of what was sent; the sockets stay open until this resolves. */
  settled(): Promise<void>;
}

/** Connects every seat, sends at the job's pace, waits for what is on its way, and counts. */
export async function runLoad(job: LoadJob, events: RunEvents): Promise<LoadResult> {
  const run = new Run(job);
  await run.connect();
  await events.ready();
  run.start();
  await sleep(job.warm_up_ms);
  events.begin();
  run.measurement.begin();
  await sleep(job.measure_ms);
  run.measurement.end();
  events.end();
  run.stop();
  await run.drain();
  await sleep(job.settle_ms ?? 0);
  await events.settled();
  return run.result();
}

class Run {
  readonly measurement: Measurement;
  readonly #job: LoadJob;
  readonly #members: Member[];
  readonly #senders: Member[];
  readonly #refusals: string[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #isSending = false;

  constructor(job: LoadJob) {
    this.#job = job;
    this.measurement = new Measurement(job.server_pid);
    const context = {
      job,
      tag: randomBytes(4).toString("hex"),
      measurement: this.measurement,
      onAcked: (member: Member) => this.#refill(member),
      refused: (frame: string) => this.#refusals.push(frame),
    };
    this.#members = job.rooms.flatMap((room) => {
      const shared = new SharedRoom(room);
      return room.seats.map((seat) => new Member(context, shared, seat));
    });
    this.#senders = this.#members.filter(({ sender }) => sender !== null);
  }

  async connect(): Promise<void> {
    const waiting = this.#members.values();
    const connector = async () => {
      for (const member of waiting) await member.connect();
    };
    await Promise.all(Array.from({ length: CONNECT_PARALLEL }, connector));
  }

  start(): void {
    this.#isSending = true;
    const { pace } = this.#job;
    if ("window" in pace) for (const member of this.#senders) this.#fill(member, pace.window);
    else this.#timers.push(this.#sendOnTime(pace.per_second));
    if (this.#job.receipts ?? true)
      this.#timers.push(setInterval(() => this.#acknowledge(false), RECEIPT_LOOK_MS));
  }

  stop(): void {
    this.#isSending = false;
  }

  /** Until everything sent is acked and everything acked is delivered, or too long has passed. */
  async drain(): Promise<void> {
    const deadline = performance.now() + (this.#job.drain_ms ?? DRAIN_MS);
    const isDone = () =>
      this.#senders.every(({ sender }) => sender?.inFlight === 0) &&
      this.#members.every(({ lacking }) => lacking <= 0);
    while (!isDone() && performance.now() < deadline) await sleep(10);
    for (const timer of this.#timers) clearInterval(timer);
    // Whatever the job: or the next run would be pushed this one's messages when it connects.
    this.#acknowledge(true);
    // What is said twice may be said a moment later.
    await sleep(300);
  }

  result(): LoadResult {
    const sent = this.#senders.map(({ sender }) => sender?.ledger.faults() ?? NO_FAULTS);
    const received = this.#members.map((member) => member.faults());
    for (const member of this.#members) member.close();
    const faults = [...sent, ...received].reduce(addFaults, NO_FAULTS);
    const acked_in_all = this.#senders.reduce((sum, { sender }) => sum + (sender?.ledger.acked ?? 0), 0);
    return { ...this.measurement.result(), acked_in_all, faults, refusals: this.#refusals.slice(0, 10) };
  }

  #refill(member: Member): void {
    if (this.#isSending && "window" in this.#job.pace) member.sender?.add(performance.now());
  }

  #fill({ sender }: Member, window: number): void {
    for (let count = 0; count < window; count++) sender?.add(performance.now());
    sender?.flush();
  }

  /** Open loop: a message is due at its time, whether the server keeps up or not, and its latency counts from then. */
  #sendOnTime(per_second: number): NodeJS.Timeout {
    const begun_at = performance.now();
    let sent = 0;
    return setInterval(() => {
      if (!this.#isSending) return;
      // The first message is due at once.
      const due = 1 + Math.floor(((performance.now() - begun_at) / 1000) * per_second);
      const touched = new Set<Member>();
      for (; sent < due; sent++) {
        const member = this.#senders[sent % this.#senders.length];
        member?.sender?.add(begun_at + (sent * 1000) / per_second);
        if (member) touched.add(member);
      }
      for (const { sender } of touched) sender?.flush();
    }, 1);
  }

  #acknowledge(isLast: boolean): void {
    for (const member of this.#members) member.acknowledge(isLast);
  }
}
