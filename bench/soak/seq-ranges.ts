interface Range {
  from: number;
  to: number;
}

/** Places of a log. Of a log that is whole it is one range, however long. */
export class SeqRanges {
  readonly #ranges: Range[] = [];
  /** How many places. */
  size = 0;

  /** False if it was there. */
  add(seq: number): boolean {
    // What is new is nearly always at the end.
    let index = this.#ranges.length;
    while (index > 0 && (this.#ranges[index - 1]?.from ?? 0) > seq) index--;
    const before = this.#ranges[index - 1];
    const after = this.#ranges[index];
    if (before && seq <= before.to) return false;
    this.size++;
    const follows = before !== undefined && before.to === seq - 1;
    const precedes = after !== undefined && after.from === seq + 1;
    if (follows && precedes) {
      before.to = after.to;
      this.#ranges.splice(index, 1);
    } else if (follows) before.to = seq;
    else if (precedes) after.from = seq;
    else this.#ranges.splice(index, 0, { from: seq, to: seq });
    return true;
  }

  get last(): number {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  /** Up to here nothing is missing. */
  get whole(): number {
    const first = this.#ranges[0];
    return first?.from === 1 ? first.to : 0;
  }
}
