import type { Engine } from "./engine.ts";
import type { Api } from "./http/api.ts";
import type { HistoryRequest } from "./http/messages-api.ts";
import type { ConversationState } from "./state/conversation-state.ts";
import { isWithin, MAX_SHOWN, type Stretch, stretchAt } from "./state/stretch.ts";
import { hasSeq } from "./sync/ranges.ts";

export const PAGE = 50;
/** Beyond so many messages, those that nobody has on screen are dropped. */
export const MAX_HELD = 4 * MAX_SHOWN;

/** Resolves to what is to be shown then; null: nothing else than before. */
type Step = (state: ConversationState) => Promise<Stretch | null>;

/** What it needs of the rest. */
export interface HistoryViewContext {
  readonly engine: Pick<Engine, "replica" | "apply">;
  readonly api: Pick<Api, "history">;
}

/** Moves what is shown of a conversation through its history, and fetches what is missing on the way. */
export class HistoryView {
  readonly #conversation_id: string;
  readonly #engine: HistoryViewContext["engine"];
  readonly #api: HistoryViewContext["api"];
  /** One step after the other: each begins where the one before has led. */
  #lastStep: Promise<unknown> = Promise.resolve();
  readonly #underWay = new Map<Step, Promise<boolean>>();
  /** How often somebody went back to the newest, or away: what was begun before must not move them from there. */
  #departures = 0;

  constructor(conversation_id: string, { engine, api }: HistoryViewContext) {
    this.#conversation_id = conversation_id;
    this.#engine = engine;
    this.#api = api;
  }

  /** Resolves to whether there is more before it. */
  async loadEarlier(): Promise<boolean> {
    await this.#once(this.#stepBack);
    return this.#state.hasEarlier;
  }

  async loadLater(): Promise<void> {
    await this.#once(this.#stepForward);
  }

  /** Resolves to false if somebody went elsewhere meanwhile. */
  showAround(seq: number): Promise<boolean> {
    return this.#take(async (state) => {
      if (state.shown && isWithin(state.shown, seq)) return null;
      if (!hasSeq(state.log.held, seq)) await this.#fetch({ before_seq: seq + PAGE / 2 + 1, limit: PAGE });
      // A page of very long messages may have ended before it.
      if (!hasSeq(state.log.held, seq)) await this.#fetch({ after_seq: seq - 1, limit: PAGE });
      return stretchAt(state, seq, MAX_SHOWN / 2, MAX_SHOWN / 2);
    });
  }

  showNewest(): void {
    this.#departures++;
    this.#underWay.clear();
    if (this.#state.visited === null) return;
    this.#state.visited = null;
    this.#tell();
  }

  /** Nobody looks any more. */
  leave(): void {
    this.showNewest();
    this.#state.isLookedAt = false;
  }

  get #state(): ConversationState {
    return this.#engine.replica.conversation(this.#conversation_id);
  }

  readonly #stepBack: Step = async (state) => {
    const before_seq = state.shown?.from_seq;
    if (before_seq === undefined) await this.#fetch({ limit: PAGE });
    if (before_seq === undefined || !state.hasEarlier) return null;
    if (!hasSeq(state.log.held, before_seq - 1)) await this.#fetch({ before_seq, limit: PAGE });
    // While there is room, what is shown of the newest grows by itself; unless the page says that they are not the newest.
    const isRoom = state.log.from(before_seq).length + PAGE <= MAX_SHOWN;
    if (isRoom && !state.visited && state.shown) return null;
    return stretchAt(state, before_seq, PAGE, MAX_SHOWN - PAGE);
  };

  readonly #stepForward: Step = async (state) => {
    const after_seq = state.visited?.to_seq ?? null;
    if (after_seq === null) return null;
    if (!hasSeq(state.log.held, after_seq + 1)) await this.#fetch({ after_seq, limit: PAGE });
    return stretchAt(state, after_seq + 1, MAX_SHOWN - PAGE, PAGE);
  };

  /** Whoever asks again meanwhile waits for the same. */
  #once(step: Step): Promise<boolean> {
    const underWay = this.#underWay.get(step);
    if (underWay) return underWay;
    const taken = this.#take(step).finally(() => {
      if (this.#underWay.get(step) === taken) this.#underWay.delete(step);
    });
    this.#underWay.set(step, taken);
    return taken;
  }

  /** Resolves to false if what was to be shown is something else by now. */
  #take(step: Step): Promise<boolean> {
    const departures = this.#departures;
    const taken = this.#lastStep.then(async () => {
      const isOvertaken = () => departures !== this.#departures;
      if (isOvertaken()) return false;
      const state = this.#state;
      state.isLookedAt = true;
      const stretch = await step(state);
      if (!isOvertaken() && state === this.#state && stretch) this.#visit(stretch);
      this.#tell();
      return !isOvertaken();
    });
    this.#lastStep = taken.catch(() => undefined);
    return taken;
  }

  #visit(stretch: Stretch): void {
    const state = this.#state;
    state.visited = stretch.to_seq === null ? null : stretch;
    const { shown, log } = state;
    if (!shown || log.size <= MAX_HELD) return;
    log.keep([{ from_seq: shown.from_seq, to_seq: shown.to_seq ?? Infinity }], MAX_SHOWN);
  }

  async #fetch(query: HistoryRequest): Promise<void> {
    const page = await this.#api.history(this.#conversation_id, query);
    this.#engine.replica.takePage(this.#conversation_id, query, page, false);
  }

  #tell(): void {
    this.#engine.replica.noteShown(this.#conversation_id);
    this.#engine.apply();
  }
}
