import type { Random } from "../random.ts";

/** Something that will happen, unless it is cancelled. */
export interface Scheduled {
  cancel(): void;
}

interface Entry extends Scheduled {
  readonly time: number;
  /** Decides between what is due at the same time: the seed's choice. */
  readonly tie: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** The clock of a run and all that is pending. Whatever happens, happens here, one event at a time. */
export class Scheduler {
  readonly #random: Random;
  readonly #heap: Entry[] = [];
  #live = 0;
  now: number;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.now = now;
  }

  after(delay_ms: number, run: () => void): Scheduled {
    const entry: Entry = {
      time: this.now + Math.max(0, delay_ms),
      tie: this.#random.next(),
      run,
      isCancelled: false,
      cancel: () => {
        if (entry.isCancelled) return;
        entry.isCancelled = true;
        this.#live--;
      },
    };
    this.#live++;
    push(this.#heap, entry);
    return entry;
  }

  get isEmpty(): boolean {
    return this.#live === 0;
  }

  /** Runs what is next and everything that follows from it without waiting. False if nothing is due by `until`. */
  async step(until: number): Promise<boolean> {
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.time > until) return false;
      pop(this.#heap);
      if (next.isCancelled) continue;
      next.cancel();
      this.now = next.time;
      next.run();
      await settled();
      return true;
    }
  }
}

const soon = setImmediate;

/** Resolves when no promise can go on by itself: everything left waits for an event. */
function settled(): Promise<void> {
  return new Promise((resolve) => soon(resolve));
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.tie < b.tie);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(entry, above)) break;
    heap[index] = above;
    heap[parent] = entry;
    index = parent;
  }
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = index * 2 + 1;
    const right = heap[left + 1];
    const child = right && isBefore(right, heap[left] ?? right) ? left + 1 : left;
    const below = heap[child];
    if (!below || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
