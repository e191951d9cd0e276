import type { Api } from "../http/api.ts";
import type { Replica } from "./replica.ts";

/** The server takes no more ids in one request. */
const MAX_IDS = 100;

/** Fetches the profiles of those whom frames name by their id only, and anew of those that were kept: no frame tells of a change. */
export class ProfileLoader {
  readonly #replica: Pick<Replica, "takeProfile">;
  readonly #users: Api["users"];
  readonly #loaded: () => void;
  /** Their profiles are there or asked for. */
  readonly #met = new Set<string>();
  /** To be asked for at the next connection. */
  readonly #due = new Set<string>();

  constructor(replica: Pick<Replica, "takeProfile">, users: Api["users"], loaded: () => void) {
    this.#replica = replica;
    this.#users = users;
    this.#loaded = loaded;
  }

  /** Somebody is named of whom no more may be known. Asks for all of them at once, and for nobody twice. */
  meet(user_ids: Iterable<string>): void {
    const strangers = [...user_ids].filter((user_id) => !this.#met.has(user_id));
    for (const user_id of strangers) this.#met.add(user_id);
    this.#loadAll(strangers);
  }

  /** What is known of these was kept, and may be another by now. */
  restored(user_ids: Iterable<string>): void {
    for (const user_id of user_ids) this.#due.add(user_id);
  }

  /** There is somebody to ask. */
  connected(): void {
    const due = [...this.#due];
    this.#due.clear();
    this.#loadAll(due);
  }

  #loadAll(user_ids: readonly string[]): void {
    for (let start = 0; start < user_ids.length; start += MAX_IDS)
      void this.#load(user_ids.slice(start, start + MAX_IDS));
  }

  async #load(user_ids: readonly string[]): Promise<void> {
    try {
      const { items } = await this.#users(user_ids);
      for (const user of items) this.#replica.takeProfile(user);
      this.#loaded();
    } catch {
      // Their next rows may bring them, or the next list of the inbox.
      for (const user_id of user_ids) {
        this.#met.delete(user_id);
        this.#due.add(user_id);
      }
    }
  }
}
