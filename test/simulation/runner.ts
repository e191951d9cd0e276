import type { Platform } from "./platform/platform.ts";

/** More than a run needs; whatever goes on beyond this goes on for ever. */
const MAX_STEPS = 200_000;

/** Lets time pass on a platform, event by event, and objects be lost in between. */
export class Runner {
  readonly #platform: Platform;
  #steps = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Something has happened that must not: there is no more to learn. */
  get isBroken(): boolean {
    return this.#platform.violations.length > 0;
  }

  async finish<T>(work: Promise<T>): Promise<T> {
    let hasEnded = false;
    const ended = () => {
      hasEnded = true;
    };
    work.then(ended, ended);
    while (!hasEnded && (await this.#step(Number.POSITIVE_INFINITY)));
    if (!hasEnded) throw new Error("something is waited for, and nothing more will happen");
    return work;
  }

  async pass(duration_ms: number): Promise<void> {
    const { scheduler } = this.#platform;
    const time = scheduler.now + duration_ms;
    while (!this.isBroken && (await this.#step(time)));
    scheduler.now = Math.max(scheduler.now, time);
  }

  async #step(until: number): Promise<boolean> {
    const { scheduler, faults, touched } = this.#platform;
    if (++this.#steps > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} steps`);
    if (!(await scheduler.step(until))) return false;
    for (const host of touched) {
      if (faults.aborts()) host.abort(faults.keepsWrites());
      else if (faults.hibernates()) host.hibernate();
    }
    touched.clear();
    return true;
  }
}
