interface Wish {
  readonly muted_until: number | null;
  readonly begun_at: number;
  /** When it was answered; for ever, if it may still come to be. */
  ended_at: number;
}

/** What somebody asked one of its conversations to be, on all of its devices: how long it is muted. */
export class Wishes {
  readonly #wishes: Wish[] = [{ muted_until: null, begun_at: 0, ended_at: 0 }];

  /** Answers what to call once it has succeeded. */
  begin(muted_until: number | null, now: number): (now: number) => void {
    const wish = { muted_until, begun_at: now, ended_at: Number.POSITIVE_INFINITY };
    this.#wishes.push(wish);
    return (ended_at) => {
      wish.ended_at = ended_at;
    };
  }

  /** Can it have come to this? Not where a later wish was granted that began when this one had been. */
  allows(muted_until: number | null): boolean {
    const granted = this.#wishes.filter(({ ended_at }) => ended_at < Number.POSITIVE_INFINITY);
    return this.#wishes.some(
      (wish) =>
        wish.muted_until === muted_until && granted.every(({ begun_at }) => begun_at <= wish.ended_at),
    );
  }
}
