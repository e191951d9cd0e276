interface Wish<T> {
  readonly value: T;
  readonly begun_at: number;
  /** When it was answered; for ever, if it may still come to be. */
  ended_at: number;
}

/** What somebody is told of what it wished. */
export interface Asked {
  granted(now: number): void;
  /** It never comes to be. */
  refused(): void;
}

/** What something was asked to be, one time after the other or several at once. */
export class Wishes<T> {
  #wishes: Wish<T>[];

  /** `initial`: what it is if nobody asks for anything. */
  constructor(initial: T) {
    this.#wishes = [{ value: initial, begun_at: 0, ended_at: 0 }];
  }

  begin(value: T, now: number): Asked {
    const wish = { value, begun_at: now, ended_at: Number.POSITIVE_INFINITY };
    this.#wishes.push(wish);
    return {
      granted: (ended_at) => {
        wish.ended_at = ended_at;
      },
      refused: () => {
        this.#wishes = this.#wishes.filter((other) => other !== wish);
      },
    };
  }

  /** Can it have come to this? Not where a later wish was granted that began when this one had been. */
  allows(value: T): boolean {
    const granted = this.#wishes.filter(({ ended_at }) => ended_at < Number.POSITIVE_INFINITY);
    return this.#wishes.some(
      (wish) => wish.value === value && granted.every(({ begun_at }) => begun_at <= wish.ended_at),
    );
  }
}

/** The wishes about many things of a kind, each by its key. */
export class WishBook<T> {
  readonly #initial: T;
  readonly #wishes = new Map<string, Wishes<T>>();

  constructor(initial: T) {
    this.#initial = initial;
  }

  of(key: string): Wishes<T> {
    const wishes = this.#wishes.get(key) ?? new Wishes(this.#initial);
    this.#wishes.set(key, wishes);
    return wishes;
  }
}
