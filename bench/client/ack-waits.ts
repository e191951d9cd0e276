import { z } from "zod";
import { NumberLog } from "./number-log.ts";
import { type Spread, spreadOf } from "./percentiles.ts";
import { WireSocket } from "./wire-socket.ts";

const ackSchema = z.object({
  type: z.literal("MESSAGE_ACK"),
  payload: z.looseObject({ client_message_id: z.string() }),
});
const errorSchema = z.object({ type: z.literal("ERROR"), payload: z.looseObject({ code: z.string() }) });
const textSchema = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(z.union([ackSchema, errorSchema, z.null()]).catch(null)),
);

/** One member who sends messages to a conversation, and notes how long each waits for its ack. */
export class AckWaits {
  readonly #conversation_id: string;
  readonly #due_at = new Map<string, number>();
  #socket: WireSocket | null = null;
  #waits = new NumberLog();
  #sent = 0;
  #noneIsDue: (() => void) | null = null;
  /** Why no more acks are to be waited for. */
  #failure: Error | null = null;
  #failed: (error: Error) => void = () => undefined;

  private constructor(conversation_id: string) {
    this.#conversation_id = conversation_id;
  }

  /** `url`: of a conversation socket with `batch=1`. */
  static async open(url: string, conversation_id: string): Promise<AckWaits> {
    const waits = new AckWaits(conversation_id);
    waits.#socket = await WireSocket.open(url, {
      onText: (payload) => waits.#heard(payload.toString("latin1")),
      onClose: (code) => waits.#fail(`the socket was closed with ${code}`),
    });
    return waits;
  }

  /** Sends a message every so often, whether the one before was acked or not, while `work` is under way. */
  async during<T>(work: () => Promise<T>, every_ms: number): Promise<{ result: T; waits: Spread }> {
    this.#waits = new NumberLog();
    const timer = setInterval(() => this.#send(1), every_ms);
    try {
      const result = await work();
      clearInterval(timer);
      await this.#allAcked();
      return { result, waits: spreadOf(this.#waits.values()) };
    } finally {
      clearInterval(timer);
    }
  }

  /** Sends many at once. Resolves when all are acked; rejects if one is refused. */
  async send(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 100) this.#send(Math.min(100, left));
    await this.#allAcked();
  }

  close(): void {
    this.#socket?.close();
  }

  #send(count: number): void {
    const now = performance.now();
    const frames = Array.from({ length: count }, () => {
      const client_message_id = `wait-${this.#sent++}`;
      this.#due_at.set(client_message_id, now);
      const content = `a message among others, ${client_message_id}`;
      const payload = { conversation_id: this.#conversation_id, client_message_id, content };
      return { type: "MESSAGE_SEND", payload };
    });
    this.#socket?.send(JSON.stringify(frames));
  }

  #heard(text: string): void {
    for (const frame of textSchema.parse(JSON.parse(text))) {
      if (frame?.type === "ERROR") this.#fail(`a message was refused: ${frame.payload.code}`);
      if (frame?.type !== "MESSAGE_ACK") continue;
      const { client_message_id } = frame.payload;
      const due_at = this.#due_at.get(client_message_id);
      if (due_at === undefined) continue;
      this.#due_at.delete(client_message_id);
      this.#waits.push(performance.now() - due_at);
    }
    if (this.#due_at.size === 0) this.#noneIsDue?.();
  }

  #fail(why: string): void {
    this.#failure = new Error(why);
    this.#failed(this.#failure);
  }

  #allAcked(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#due_at.size === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#noneIsDue = resolve;
      this.#failed = reject;
    });
  }
}
