import type { Api } from "../http/api.ts";
import type { Replica } from "./replica.ts";

/** The server takes no more ids in one request. */
const MAX_IDS = 100;

/** Fetches the profiles of those whom frames name by their id only. */
export class ProfileLoader {
  readonly #replica: Pick<Replica, "takeProfile">;
  readonly #users: Api["users"];
  readonly #loaded: () => void;
  /** Their profiles are there or asked for. */
  readonly #met = new Set<string>();

  constructor(replica: Pick<Replica, "takeProfile">, users: Api["users"], loaded: () => void) {
    this.#replica = replica;
    this.#users = users;
    this.#loaded = loaded;
  }

  /** Somebody is named of whom no more may be known. Asks for all of them at once, and for nobody twice. */
  meet(user_ids: Iterable<string>): void {
    const strangers = [...user_ids].filter((user_id) => !this.#met.has(user_id));
    for (const user_id of strangers) this.#met.add(user_id);
    for (let start = 0; start < strangers.length; start += MAX_IDS)
      void this.#load(strangers.slice(start, start + MAX_IDS));
  }

  async #load(user_ids: readonly string[]): Promise<void> {
    try {
      const { items } = await this.#users(user_ids);
      for (const user of items) this.#replica.takeProfile(user);
      this.#loaded();
    } catch {
      // Their next rows, or the next list of the inbox, bring them.
      for (const user_id of user_ids) this.#met.delete(user_id);
    }
  }
}
