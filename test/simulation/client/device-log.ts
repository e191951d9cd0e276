/** A stretch of a log, both ends included. */
export interface Range {
  readonly from_seq: number;
  readonly to_seq: number;
}

/** What one device has of one conversation. */
export class DeviceLog {
  /** Everything up to here was there before the device was. */
  readonly base: number;
  /** Everything up to here is there: what the device may acknowledge. */
  #contiguous: number;
  readonly #has = new Set<number>();
  /** What came itself, over a socket or as an answer; not what the history only counted. */
  readonly received = new Set<number>();
  /** What was announced, and what nobody would give it any more. */
  readonly #forgone: Range[] = [];
  /** What a `SYNC_GAP` announced and is not fetched yet. */
  #announced: Range[] = [];

  constructor(base: number) {
    this.base = base;
    this.#contiguous = base;
  }

  get contiguous(): number {
    return this.#contiguous;
  }

  /** Nothing of it is there, and nothing was announced. */
  get isUnheardOf(): boolean {
    return this.#contiguous === 0 && this.received.size === 0 && this.#announced.length === 0;
  }

  has(seq: number): boolean {
    return seq <= this.base || this.#has.has(seq);
  }

  add(seq: number): void {
    this.received.add(seq);
    this.#cover(seq);
  }

  /** Everything in between is known: the history has been read. */
  cover({ from_seq, to_seq }: Range): void {
    for (let seq = from_seq; seq <= to_seq; seq++) this.#cover(seq);
  }

  #cover(seq: number): void {
    this.#has.add(seq);
    while (this.#has.has(this.#contiguous + 1)) this.#contiguous++;
  }

  /** The user has come back: what was before is another time's. */
  restart(after_seq: number): void {
    this.#announced = this.#announced.filter(({ from_seq }) => from_seq > after_seq);
    this.#contiguous = Math.max(this.#contiguous, after_seq);
    while (this.#has.has(this.#contiguous + 1)) this.#contiguous++;
  }

  /** The user is no member any more: nobody gives it what was announced, and it counts that as had. */
  forgo(gap: Range): void {
    this.#forgone.push(gap);
    this.cover(gap);
  }

  hasForgone(seq: number): boolean {
    return this.#forgone.some(({ from_seq, to_seq }) => from_seq <= seq && seq <= to_seq);
  }

  /** What is before a gap the device has, or it is from before its time. */
  announceGap(gap: Range): void {
    this.restart(gap.from_seq - 1);
    this.#announced.push(gap);
  }

  /** The first stretch of what was announced that is still missing. */
  nextGap(): Range | null {
    this.#announced = this.#announced.filter((gap) => this.#missing(gap).length > 0);
    const [gap] = this.#announced;
    const missing = gap ? this.#missing(gap) : [];
    const [from_seq] = missing;
    return from_seq === undefined ? null : { from_seq, to_seq: missing.at(-1) ?? from_seq };
  }

  /** Entries before `seq` that are neither there nor announced. */
  holesBefore(seq: number): number[] {
    const isAnnounced = (hole: number) =>
      this.#announced.some(({ from_seq, to_seq }) => from_seq <= hole && hole <= to_seq);
    return this.#missing({ from_seq: 1, to_seq: seq - 1 }).filter((hole) => !isAnnounced(hole));
  }

  #missing({ from_seq, to_seq }: Range): number[] {
    const missing: number[] = [];
    for (let seq = Math.max(from_seq, this.#contiguous + 1); seq <= to_seq; seq++) {
      if (!this.#has.has(seq)) missing.push(seq);
    }
    return missing;
  }
}
