import type { HistoryPage } from "../../src/protocol/message.ts";
import type { Environment } from "../environment.ts";
import { UimError } from "../errors.ts";
import type { HistoryRequest } from "../http/messages-api.ts";
import { holesOf } from "./position.ts";
import type { Range } from "./ranges.ts";
import type { Replica } from "./replica.ts";

/** A hole may be the place of a message of this device, whose ack is under way (SEQ-2): so long it is waited for. */
const PATIENCE_MS = 400;
/** After a failure it is tried again so much later. */
const AGAIN_MS = 5_000;
const PAGE = 100;
/** Pages that cannot be read are given up after so many attempts: what is behind them must not wait for ever. */
const MAX_BAD_ANSWERS = 3;

export interface GapFillerContext {
  readonly environment: Environment;
  readonly replica: Replica;
  /** Of a longer hole only the newest entries are fetched; the rest is there for whoever pages back. */
  readonly fill_gaps_up_to: number;
  readonly isOnline: () => boolean;
  readonly history: (conversation_id: string, request: HistoryRequest) => Promise<HistoryPage>;
  /** Something was taken in. */
  readonly filled: () => void;
  readonly failed: (error: unknown) => void;
}

/** Fetches from the history what was missed: announced by the server, or seen from a hole in the numbers. */
export class GapFiller {
  readonly #context: GapFillerContext;
  readonly #filling = new Set<string>();
  readonly #badAnswers = new Map<string, number>();

  constructor(context: GapFillerContext) {
    this.#context = context;
  }

  /** Is there anything to fetch? Then it is, in a moment. */
  check(conversation_ids: Iterable<string>): void {
    for (const conversation_id of conversation_ids) {
      if (this.#nextHole(conversation_id)) this.#fillIn(conversation_id, PATIENCE_MS);
    }
  }

  #fillIn(conversation_id: string, delay_ms: number): void {
    if (this.#filling.has(conversation_id)) return;
    this.#filling.add(conversation_id);
    this.#context.environment.setTimer(() => {
      void this.#fill(conversation_id).then((again_ms) => {
        this.#filling.delete(conversation_id);
        if (again_ms !== null) this.#fillIn(conversation_id, again_ms);
      });
    }, delay_ms);
  }

  /** Resolves to when to try again; null: there is nothing more to do, or no way to do it. */
  async #fill(conversation_id: string): Promise<number | null> {
    const { history, isOnline, replica, filled, fill_gaps_up_to } = this.#context;
    for (let hole = this.#nextHole(conversation_id); hole; hole = this.#nextHole(conversation_id)) {
      // Whoever comes online checks again.
      if (!isOnline()) return null;
      const { from_seq, to_seq } = hole;
      const state = replica.conversation(conversation_id);
      if (to_seq - from_seq >= fill_gaps_up_to) {
        replica.skipTo(conversation_id, to_seq - fill_gaps_up_to + 1);
        filled();
        continue;
      }
      const query = { after_seq: from_seq - 1, limit: Math.min(PAGE, to_seq - from_seq + 1) };
      try {
        const page = await history(conversation_id, query);
        // A reset came between: the page is of no use.
        if (replica.conversations.get(conversation_id) !== state) return null;
        this.#badAnswers.delete(conversation_id);
        replica.takePage(conversation_id, query, page, true);
        // A log that ends before the hole does was put back to an earlier state.
        if (!state.hasReceived(from_seq)) replica.skipTo(conversation_id, to_seq + 1);
      } catch (error) {
        if (!this.#isHopeless(conversation_id, error)) return AGAIN_MS;
        replica.skipTo(conversation_id, to_seq + 1);
      }
      filled();
    }
    return null;
  }

  #isHopeless(conversation_id: string, error: unknown): boolean {
    const { failed } = this.#context;
    if (!(error instanceof UimError)) {
      failed(error);
      return true;
    }
    const { code, status } = error;
    if (code === "bad_answer") {
      const count = (this.#badAnswers.get(conversation_id) ?? 0) + 1;
      this.#badAnswers.set(conversation_id, count);
      if (count >= MAX_BAD_ANSWERS) failed(error);
      return count >= MAX_BAD_ANSWERS;
    }
    return status === 404 || status === 403;
  }

  #nextHole(conversation_id: string): Range | undefined {
    const state = this.#context.replica.conversations.get(conversation_id);
    return state && holesOf(state.position)[0];
  }
}
