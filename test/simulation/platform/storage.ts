import { Alarm } from "./alarm.ts";
import { Sql } from "./sql.ts";

/** What an object has on disk, and what it has written that is not there yet. */
export class Storage {
  readonly sql: Sql;
  readonly alarm = new Alarm();
  readonly #wroteFirst: () => void;
  #isDirty = false;

  /** `wroteFirst` is called at the first write after a commit. */
  constructor(wroteFirst: () => void) {
    this.#wroteFirst = wroteFirst;
    this.sql = new Sql(() => this.#wrote());
  }

  /** Something is written that a crash could still lose. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  setAlarm(time: number | null): void {
    this.alarm.set(time);
    this.#wrote();
  }

  commit(): void {
    this.sql.commit();
    this.alarm.commit();
    this.#isDirty = false;
  }

  rollback(): void {
    this.sql.rollback();
    this.alarm.rollback();
    this.#isDirty = false;
  }

  #wrote(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#wroteFirst();
  }
}
