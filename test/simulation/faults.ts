import type { Random } from "./random.ts";

/** How often each kind of fault happens: a probability for each occasion, unless the name says otherwise. */
export interface FaultRates {
  /** A call fails before it has any effect. */
  readonly callLost: number;
  /** A call takes effect, and its answer is lost. */
  readonly answerLost: number;
  readonly callOverloaded: number;
  /** A call neither arrives nor fails: only its caller's time limit ends it. */
  readonly callHangs: number;
  /** A call takes so long that its caller has given up when it arrives. */
  readonly callLate: number;
  /** A socket breaks under a frame of the client, which is lost. */
  readonly cutBeforeServer: number;
  /** A socket breaks under a frame of the server, which is lost. */
  readonly cutBeforeClient: number;
  /** A client sends a frame twice. */
  readonly frameDoubled: number;
  /** An object that has just done something is aborted. */
  readonly abort: number;
  /** An object is aborted when its writes are durable, and nothing of what waited for that has left. */
  readonly abortAtCommit: number;
  /** An idle object that has just done something is evicted, long before its time. */
  readonly hibernate: number;
  readonly alarmLate: number;
  readonly alarmTwice: number;
  /** A waking object finds itself on a machine with a wrong clock. */
  readonly clockSkewed: number;
}

/** How quick the network is (ms): most of the time up to `usual`, now and then up to `slow`. */
export interface Pace {
  readonly usual_ms: number;
  readonly slow_ms: number;
  readonly slowness: number;
}

export const NO_FAULTS: FaultRates = {
  callLost: 0,
  answerLost: 0,
  callOverloaded: 0,
  callHangs: 0,
  callLate: 0,
  cutBeforeServer: 0,
  cutBeforeClient: 0,
  frameDoubled: 0,
  abort: 0,
  abortAtCommit: 0,
  hibernate: 0,
  alarmLate: 0,
  alarmTwice: 0,
  clockSkewed: 0,
};

export type CallFate = "arrives" | "is lost" | "loses its answer" | "is overloaded" | "hangs";

/** A machine's clock may be off by so much. */
export const MAX_SKEW_MS = 2_000;

/** Decides about every occasion on which something may go wrong, or take longer. */
export class Faults {
  readonly #random: Random;
  readonly #pace: Pace;
  readonly #planned: FaultRates;
  /** All goes well until the storm begins. */
  #rates = NO_FAULTS;
  #databaseIsDown = false;
  #isCalm = false;

  constructor(random: Random, planned: FaultRates, pace: Pace) {
    this.#random = random;
    this.#planned = planned;
    this.#pace = pace;
  }

  begin(): void {
    this.#rates = this.#planned;
  }

  /** From now on all goes well. */
  heal(): void {
    this.#rates = NO_FAULTS;
    this.#databaseIsDown = false;
  }

  /** Nor is the network slow now and then. */
  calm(): void {
    this.#isCalm = true;
  }

  get databaseIsDown(): boolean {
    return this.#databaseIsDown;
  }

  setDatabaseDown(isDown: boolean): void {
    this.#databaseIsDown = isDown;
  }

  callFate(): CallFate {
    const { callLost, answerLost, callOverloaded, callHangs } = this.#rates;
    if (this.#random.chance(callLost)) return "is lost";
    if (this.#random.chance(answerLost)) return "loses its answer";
    if (this.#random.chance(callOverloaded)) return "is overloaded";
    return this.#random.chance(callHangs) ? "hangs" : "arrives";
  }

  callDelay(): number {
    return this.#random.chance(this.#rates.callLate) ? this.#random.between(2_000, 25_000) : this.#delay();
  }

  socketDelay(): number {
    return this.#delay();
  }

  commitDelay(): number {
    return this.#random.chance(0.05) ? this.#random.between(1, 50) : this.#random.between(0, 2);
  }

  cutsBeforeServer(): boolean {
    return this.#random.chance(this.#rates.cutBeforeServer);
  }

  cutsBeforeClient(): boolean {
    return this.#random.chance(this.#rates.cutBeforeClient);
  }

  clientNoticesCut(): number {
    return this.#random.chance(0.7) ? this.#random.between(0, 50) : this.#random.between(50, 20_000);
  }

  /** Often much later than the client: the server's end of a dead line looks open. */
  serverNoticesCut(): number {
    return this.#random.chance(0.6) ? this.#random.between(0, 100) : this.#random.between(100, 60_000);
  }

  doublesFrame(): boolean {
    return this.#random.chance(this.#rates.frameDoubled);
  }

  aborts(): boolean {
    return this.#random.chance(this.#rates.abort);
  }

  abortsAtCommit(): boolean {
    return this.#random.chance(this.#rates.abortAtCommit);
  }

  /** An abort after the commit, when only what waits behind the gate is lost. */
  keepsWrites(): boolean {
    return this.#random.chance(0.5);
  }

  hibernates(): boolean {
    return this.#random.chance(this.#rates.hibernate);
  }

  alarmDelay(): number {
    return this.#random.chance(this.#rates.alarmLate)
      ? this.#random.between(100, 40_000)
      : this.#random.between(0, 3);
  }

  repeatsAlarm(): boolean {
    return this.#random.chance(this.#rates.alarmTwice);
  }

  clockSkew(): number {
    if (!this.#random.chance(this.#rates.clockSkewed)) return 0;
    return this.#random.between(-MAX_SKEW_MS, MAX_SKEW_MS);
  }

  #delay(): number {
    const { usual_ms, slow_ms, slowness } = this.#pace;
    const isSlow = !this.#isCalm && this.#random.chance(slowness);
    return this.#random.between(0, isSlow ? slow_ms : usual_ms);
  }
}
