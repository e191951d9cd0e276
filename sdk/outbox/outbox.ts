import type { Json } from "../../src/protocol/json.ts";

/** Why a message was refused. */
export interface FailureCause {
  readonly code: string;
  readonly message: string;
}

/** A message that the server has not acknowledged. */
export interface OutMessage {
  readonly client_message_id: string;
  readonly conversation_id: string;
  readonly content: string;
  readonly reply_to_seq: number | null;
  readonly metadata: Record<string, Json> | null;
  /** By this device's clock, until the server's is known. */
  readonly created_at: number;
  /** In which order messages go out. */
  readonly position: number;
  readonly failure: FailureCause | null;
}

export type NewMessage = Omit<OutMessage, "position" | "failure">;

/** An attempt that is not answered yet, or a pause after one. */
interface Attempt {
  readonly count: number;
  /** Over which socket it went; null: none, it waits. */
  readonly socket: object | null;
  /** Then it is made again. */
  readonly again_at: number;
}

/** So long an answer may take before the message is sent again. */
const ANSWER_MS = 15_000;

/**
 * What was sent and not acknowledged. In one conversation one message is under way at a time: the next goes when the one before
 * was acknowledged or refused for good, so that they arrive as they were written, whatever happens between. Messages are sent
 * again as they are, with the same `client_message_id`, so none is stored twice (IDEM-1).
 */
export class Outbox {
  #messages: OutMessage[] = [];
  readonly #attempts = new Map<string, Attempt>();
  /** Nothing is sent before: the user's limits count over all conversations (LIM-1). */
  #paused_until = 0;

  get messages(): readonly OutMessage[] {
    return this.#messages;
  }

  get(client_message_id: string): OutMessage | null {
    return this.#messages.find((message) => message.client_message_id === client_message_id) ?? null;
  }

  of(conversation_id: string): OutMessage[] {
    return this.#messages.filter((message) => message.conversation_id === conversation_id);
  }

  put(message: NewMessage): OutMessage {
    const queued = { ...message, position: this.#nextPosition(), failure: null };
    this.#messages = [...this.#messages, queued];
    return queued;
  }

  /** Messages as they were kept. */
  restore(messages: readonly OutMessage[]): void {
    const known = new Set(this.#messages.map(({ client_message_id }) => client_message_id));
    const restored = messages.filter(({ client_message_id }) => !known.has(client_message_id));
    this.#messages = [...restored, ...this.#messages].sort((a, b) => a.position - b.position);
  }

  /** The next message of each conversation whose turn it is. */
  due(now: number): OutMessage[] {
    if (now < this.#paused_until) return [];
    return this.#heads().filter(({ client_message_id }) => {
      const attempt = this.#attempts.get(client_message_id);
      return !attempt || attempt.again_at <= now;
    });
  }

  /** When something is due again, or null if nothing waits. */
  nextDue(): number | null {
    const times = this.#heads().map(
      ({ client_message_id }) => this.#attempts.get(client_message_id)?.again_at ?? 0,
    );
    return times.length === 0 ? null : Math.max(Math.min(...times), this.#paused_until);
  }

  /** It goes over `socket` now. */
  sent(client_message_id: string, socket: object, now: number): void {
    const count = (this.#attempts.get(client_message_id)?.count ?? 0) + 1;
    this.#attempts.set(client_message_id, { count, socket, again_at: now + ANSWER_MS });
  }

  attemptsOf(client_message_id: string): number {
    return this.#attempts.get(client_message_id)?.count ?? 0;
  }

  /** What went over sockets that are gone may not have arrived: it is due at once. */
  forgetSockets(isAlive: (socket: object) => boolean): void {
    for (const [id, attempt] of this.#attempts) {
      if (attempt.socket && !isAlive(attempt.socket))
        this.#attempts.set(id, { ...attempt, socket: null, again_at: 0 });
    }
  }

  /** Not now: again after a while. `isForAll`: it is the user who has to wait, not this message. */
  postpone(client_message_id: string, until: number, isForAll: boolean): void {
    const count = this.attemptsOf(client_message_id);
    this.#attempts.set(client_message_id, { count, socket: null, again_at: until });
    if (isForAll) this.#paused_until = Math.max(this.#paused_until, until);
  }

  /** The server has it. Returns the message, or null if that was known. */
  settle(client_message_id: string): OutMessage | null {
    const message = this.get(client_message_id);
    if (message) this.#remove(client_message_id);
    return message;
  }

  fail(client_message_id: string, failure: FailureCause): OutMessage | null {
    return this.#replace(client_message_id, (message) => ({ ...message, failure }));
  }

  /** Sends a message that failed once more, after those that wait already. */
  retry(client_message_id: string): OutMessage | null {
    const isFailed = this.get(client_message_id)?.failure != null;
    if (!isFailed) return null;
    const position = this.#nextPosition();
    return this.#replace(client_message_id, (message) => ({ ...message, failure: null, position }));
  }

  /** Gives up a message that failed, or was never sent. One that is under way may arrive all the same. */
  drop(client_message_id: string): boolean {
    if (!this.get(client_message_id)) return false;
    this.#remove(client_message_id);
    return true;
  }

  #heads(): OutMessage[] {
    const heads = new Map<string, OutMessage>();
    for (const message of this.#messages) {
      if (message.failure === null && !heads.has(message.conversation_id)) {
        heads.set(message.conversation_id, message);
      }
    }
    return [...heads.values()];
  }

  #nextPosition(): number {
    return Math.max(0, ...this.#messages.map(({ position }) => position)) + 1;
  }

  #replace(client_message_id: string, change: (message: OutMessage) => OutMessage): OutMessage | null {
    const message = this.get(client_message_id);
    if (!message) return null;
    const changed = change(message);
    this.#attempts.delete(client_message_id);
    this.#messages = this.#messages
      .map((other) => (other === message ? changed : other))
      .sort((a, b) => a.position - b.position);
    return changed;
  }

  #remove(client_message_id: string): void {
    this.#attempts.delete(client_message_id);
    this.#messages = this.#messages.filter((message) => message.client_message_id !== client_message_id);
  }
}
