import type { DirectoryChange } from "../../src/domain/directory.ts";
import { Injected } from "./platform/injected.ts";
import { callOut } from "./platform/outgoing.ts";
import type { Platform } from "./platform/platform.ts";

/** D1 as far as a conversation's outbox sees it: idempotent, and an older version changes nothing (src/db/directory.ts). */
export class Directory {
  readonly #platform: Platform;
  readonly #conversations = new Map<string, DirectoryChange>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  publish(change: DirectoryChange): Promise<void> {
    const { scheduler, faults } = this.#platform;
    return callOut(this.#platform, ({ resolve, reject }) => {
      const fate = faults.databaseIsDown ? "is lost" : faults.callFate();
      scheduler.after(faults.callDelay(), () => {
        if (fate === "arrives" || fate === "loses its answer") this.#write(structuredClone(change));
        if (fate === "arrives") resolve(undefined);
        else if (fate === "hangs") scheduler.after(60_000, () => reject(new Injected("dropped")));
        else reject(new Injected("D1 is down"));
      });
    });
  }

  #write(change: DirectoryChange): void {
    const known = this.#conversations.get(change.conversation_id);
    if (!known || known.version < change.version) this.#conversations.set(change.conversation_id, change);
  }

  conversation(conversation_id: string): DirectoryChange | undefined {
    return this.#conversations.get(conversation_id);
  }
}
