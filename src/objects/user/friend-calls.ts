import type { FriendAnswer } from "../../domain/friendship.ts";
import { errorFields, log } from "../../observability/log.ts";
import { callWithRetry, withTimeLimit } from "../runtime/time-limit.ts";

/** So many friends' objects are called at once. */
const PARALLEL = 32;
/** A friend's object that does not answer must not keep this one awake for longer. */
const LIMIT_MS = 2_000;

/** What a call is for: to tell the friend something new, to ask on behalf of sockets, or both. */
interface Errand {
  isNews: boolean;
  readonly sockets: Set<WebSocket>;
}

export interface FriendCallsContext {
  /** Calls a friend's object; with `isNews` it says what is so at that moment. */
  readonly call: (friend_id: string, isNews: boolean) => PromiseLike<FriendAnswer>;
  /** `sockets` asked for it. */
  readonly answered: (friend_id: string, answer: FriendAnswer, sockets: ReadonlySet<WebSocket>) => void;
  /** Nothing is under way any more. */
  readonly done: () => void;
}

/**
 * Calls to the objects of friends: one at a time to each, so that news do not overtake each other; what becomes due
 * meanwhile goes with the next. A friend who cannot be reached is passed over: its device asks when it connects.
 */
export class FriendCalls {
  readonly #context: FriendCallsContext;
  readonly #due = new Map<string, Errand>();
  readonly #underWay = new Map<string, Errand>();
  #isScheduled = false;
  #failures: unknown[] = [];
  #waiting: (() => void)[] = [];

  constructor(context: FriendCallsContext) {
    this.#context = context;
  }

  tell(friend_ids: readonly string[]): void {
    for (const friend_id of friend_ids) this.#errand(friend_id).isNews = true;
    this.#schedule();
  }

  ask(friend_ids: readonly string[], socket: WebSocket): void {
    for (const friend_id of friend_ids) this.#errand(friend_id).sockets.add(socket);
    this.#schedule();
  }

  /** Who is no friend any more is told nothing more. */
  drop(friend_id: string): void {
    this.#due.delete(friend_id);
  }

  /**
   * A friend has told all sockets how present it is. What it answers to a call that is under way may be older, and is at
   * best the same: it announces every change.
   */
  heardFrom(friend_id: string): void {
    this.#underWay.get(friend_id)?.sockets.clear();
    const due = this.#due.get(friend_id);
    due?.sockets.clear();
    if (due && !due.isNews) this.#due.delete(friend_id);
  }

  /** Resolves when nothing is due or under way. */
  whenDone(): Promise<void> {
    if (this.#isDone) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  get #isDone(): boolean {
    return this.#due.size === 0 && this.#underWay.size === 0;
  }

  #errand(friend_id: string): Errand {
    const known = this.#due.get(friend_id);
    if (known) return known;
    const errand = { isNews: false, sockets: new Set<WebSocket>() };
    this.#due.set(friend_id, errand);
    return errand;
  }

  /** A microtask later: what one event has to tell and to ask goes together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#callDue();
    });
  }

  #callDue(): void {
    for (const [friend_id, errand] of this.#due) {
      if (this.#underWay.size >= PARALLEL) return;
      if (this.#underWay.has(friend_id)) continue;
      this.#due.delete(friend_id);
      this.#underWay.set(friend_id, errand);
      void this.#call(friend_id, errand);
    }
    if (this.#isDone) this.#finish();
  }

  async #call(friend_id: string, { isNews, sockets }: Errand): Promise<void> {
    try {
      const answer = await callWithRetry(
        () => this.#context.call(friend_id, isNews),
        (work) => withTimeLimit(work, LIMIT_MS),
      );
      this.#context.answered(friend_id, answer, sockets);
    } catch (error) {
      this.#failures.push(error);
    }
    this.#underWay.delete(friend_id);
    this.#callDue();
  }

  #finish(): void {
    const [failure] = this.#failures;
    if (failure !== undefined) {
      log("warn", "friends were not reached", { count: this.#failures.length, ...errorFields(failure) });
      this.#failures = [];
    }
    this.#context.done();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
