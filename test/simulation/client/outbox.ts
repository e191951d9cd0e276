import type { SentAck } from "../../../src/protocol/message.ts";
import type { Scheduled, Scheduler } from "../platform/scheduler.ts";
import type { Random } from "../random.ts";

/** A message on its way: known by its `client_message_id` until it is acknowledged. */
export interface OutMessage {
  readonly conversation_id: string;
  readonly client_message_id: string;
  readonly content: string;
}

interface Begun extends Pick<OutMessage, "conversation_id"> {
  readonly begun_at: number;
}

/** Without an answer a message is sent again after this long (ms). */
const AGAIN_MS = [4_000, 12_000] as const;

/** What a device has sent and not been acknowledged; it sends the same again until it is (docs/protocol.md §5). */
export class Outbox {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #send: (message: OutMessage) => void;
  readonly #unsettled = new Map<string, { readonly message: OutMessage; retry: Scheduled | null }>();
  /** When each message was first sent, also those that are settled. */
  readonly #begun = new Map<string, Begun>();
  /** Messages whose sender does not want to know any more what became of them. */
  readonly #abandoned = new Map<string, OutMessage>();

  constructor(scheduler: Scheduler, random: Random, send: (message: OutMessage) => void) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#send = send;
  }

  get isEmpty(): boolean {
    return this.#unsettled.size === 0;
  }

  get messages(): OutMessage[] {
    return [...this.#unsettled.values()].map(({ message }) => message);
  }

  /** How many entries of a conversation may be this device's own, without it knowing where they stand. */
  unknownIn(conversation_id: string): number {
    return this.messages.filter((message) => message.conversation_id === conversation_id).length;
  }

  abandonedIn(conversation_id: string): number {
    const abandoned = [...this.#abandoned.values()];
    return abandoned.filter((message) => message.conversation_id === conversation_id).length;
  }

  hasAbandoned(client_message_id: string): boolean {
    return this.#abandoned.has(client_message_id);
  }

  begunOf(client_message_id: string): Begun | undefined {
    return this.#begun.get(client_message_id);
  }

  put(message: OutMessage): void {
    const { client_message_id, conversation_id } = message;
    this.#unsettled.set(client_message_id, { message, retry: null });
    this.#begun.set(client_message_id, { conversation_id, begun_at: this.#scheduler.now });
    this.#attempt(client_message_id);
  }

  /** Sends everything again now. */
  resend(): void {
    for (const client_message_id of [...this.#unsettled.keys()]) this.#attempt(client_message_id);
  }

  retryIn(client_message_id: string, delay_ms: number): void {
    const entry = this.#unsettled.get(client_message_id);
    if (!entry) return;
    entry.retry?.cancel();
    entry.retry = this.#scheduler.after(delay_ms, () => this.#attempt(client_message_id));
  }

  settle({ client_message_id }: Pick<SentAck, "client_message_id">): void {
    this.#unsettled.get(client_message_id)?.retry?.cancel();
    this.#unsettled.delete(client_message_id);
  }

  abandonAll(): void {
    for (const { client_message_id } of this.messages) this.abandon(client_message_id);
  }

  abandon(client_message_id: string): void {
    const message = this.#unsettled.get(client_message_id)?.message;
    if (!message) return;
    this.settle(message);
    this.#abandoned.set(client_message_id, message);
  }

  #attempt(client_message_id: string): void {
    const entry = this.#unsettled.get(client_message_id);
    if (!entry) return;
    const [low, high] = AGAIN_MS;
    this.retryIn(client_message_id, this.#random.between(low, high));
    this.#send(entry.message);
  }
}
