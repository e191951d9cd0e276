import type { Presence } from "../../src/protocol/user.ts";
import type { Cancel, Environment } from "../environment.ts";

/** Who is there is told within this time of a connection: the server asks 32 friends at once, and waits 2 s for each at most. */
const TOLD_WITHIN_MS = 10_000;

/**
 * How present the friends are. The server tells a device that connects of those who are there, one by one, and of nobody
 * else (PRES-2): until all can have been told of, what was known before is shown.
 */
export class PresenceBook {
  readonly known = new Map<string, Presence>();
  readonly #environment: Environment;
  readonly #changed: () => void;
  /** Of whom this connection has told nothing yet. */
  #unheard = new Set<string>();
  #cancel: Cancel = () => undefined;

  constructor(environment: Environment, changed: () => void) {
    this.#environment = environment;
    this.#changed = changed;
  }

  take(presence: Presence): void {
    this.#unheard.delete(presence.user_id);
    this.known.set(presence.user_id, presence);
    this.#changed();
  }

  /** The device has connected. */
  connected(): void {
    this.#unheard = new Set(this.known.keys());
    this.#cancel = this.#environment.setTimer(() => this.#forgetUnheard(), TOLD_WITHIN_MS);
  }

  /** It is connected no longer. */
  disconnected(): void {
    this.#cancel();
  }

  #forgetUnheard(): void {
    for (const user_id of this.#unheard) this.known.delete(user_id);
    if (this.#unheard.size > 0) this.#changed();
  }
}
