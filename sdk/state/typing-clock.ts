import type { Cancel, Environment } from "../environment.ts";
import type { Replica } from "../sync/replica.ts";
import { nextTypingEnd, stillTyping } from "./typing.ts";

/** Ends typing that nobody has renewed (TYPE-1). */
export class TypingClock {
  readonly #environment: Environment;
  readonly #replica: Replica;
  readonly #changed: (conversation_id: string) => void;
  #cancel: Cancel = () => undefined;

  constructor(environment: Environment, replica: Replica, changed: (conversation_id: string) => void) {
    this.#environment = environment;
    this.#replica = replica;
    this.#changed = changed;
  }

  /** To be called when somebody has begun or ended. */
  wind(): void {
    this.#cancel();
    const states = [...this.#replica.conversations.values()];
    const ends = states.flatMap(({ typers }) => nextTypingEnd(typers) ?? []);
    if (ends.length === 0) return;
    const delay_ms = Math.max(1, Math.min(...ends) - this.#environment.now());
    this.#cancel = this.#environment.setTimer(() => this.#ring(), delay_ms);
  }

  stop(): void {
    this.#cancel();
  }

  #ring(): void {
    for (const state of this.#replica.conversations.values()) {
      const typers = stillTyping(state.typers, this.#environment.now());
      if (typers === state.typers) continue;
      state.typers = typers;
      this.#changed(state.conversation_id);
    }
    this.wind();
  }
}
