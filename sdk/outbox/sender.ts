import type { ClientFrame } from "../../src/protocol/frames/client-frame.ts";
import { type Limits, limitsSchema } from "../../src/protocol/limits.ts";
import type { SentAck } from "../../src/protocol/message.ts";
import { utf8ByteLength } from "../../src/protocol/text.ts";
import type { Cancel, Environment } from "../environment.ts";
import { UimError } from "../errors.ts";
import type { ErrorFrame } from "../wire/server-frame.ts";
import type { FailureCause, NewMessage, Outbox, OutMessage } from "./outbox.ts";
import { judgeRefusal } from "./policy.ts";

/** A way to the server: one of the sockets that are open. */
export interface SendingWay {
  readonly socket: object;
  readonly send: (frames: readonly ClientFrame[]) => void;
}

export interface SenderContext {
  readonly environment: Environment;
  readonly outbox: Outbox;
  /** The shortest way to a conversation, or null while there is none. */
  readonly wayTo: (conversation_id: string) => SendingWay | null;
  readonly isAlive: (socket: object) => boolean;
  /** A message is another now, or gone: it is to be kept so, and shown. */
  readonly changed: (message: OutMessage) => void;
}

interface Waiter {
  readonly resolve: (ack: SentAck) => void;
  readonly reject: (error: UimError) => void;
}

/** Takes messages from the outbox to the server, until each is acknowledged or refused. */
export class Sender {
  readonly #context: SenderContext;
  readonly #waiters = new Map<string, Waiter>();
  #limits: Limits = limitsSchema.parse({});
  #cancelTimer: Cancel = () => undefined;
  #isEnded = false;

  constructor(context: SenderContext) {
    this.#context = context;
  }

  /** What the server allows, as it said in its greeting. */
  set limits(limits: Limits) {
    this.#limits = limits;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /**
   * Resolves when the server has stored it; rejects when it is refused or dropped, and when this ends first.
   * @throws UimError if it has ended
   */
  put(message: NewMessage): Promise<SentAck> {
    const { outbox, changed } = this.#context;
    if (this.#isEnded) throw signedOut();
    const acknowledged = new Promise<SentAck>((resolve, reject) => {
      this.#waiters.set(message.client_message_id, { resolve, reject });
    });
    changed(outbox.put(message));
    this.pump();
    return acknowledged;
  }

  retry(client_message_id: string): boolean {
    if (this.#isEnded) return false;
    const message = this.#context.outbox.retry(client_message_id);
    if (!message) return false;
    this.#context.changed(message);
    this.pump();
    return true;
  }

  drop(client_message_id: string): boolean {
    const { outbox, changed } = this.#context;
    const message = outbox.get(client_message_id);
    if (this.#isEnded || !message || !outbox.drop(client_message_id)) return false;
    this.#take(client_message_id)?.reject(new UimError("dropped", "The message was given up"));
    changed(message);
    this.pump();
    return true;
  }

  /** The server has stored a message of this device. */
  acknowledged(ack: SentAck): void {
    const message = this.#context.outbox.settle(ack.client_message_id);
    this.#take(ack.client_message_id)?.resolve(ack);
    if (message) this.#context.changed(message);
    this.pump();
  }

  refused({ request_id, payload }: ErrorFrame): void {
    const client_message_id = payload.details?.client_message_id ?? request_id ?? "";
    const { environment, outbox } = this.#context;
    if (!outbox.get(client_message_id)) return;
    const { code, message, retry_after_ms = null } = payload;
    const attempts = outbox.attemptsOf(client_message_id);
    const next = judgeRefusal(code, attempts, retry_after_ms, environment.random());
    if (next.kind === "retry") {
      outbox.postpone(client_message_id, environment.now() + next.delay_ms, code === "rate_limited");
    } else if (next.kind === "fail") this.#fail(client_message_id, { code, message });
    this.pump();
  }

  /** Sends what is due, and comes back when more is. */
  pump(): void {
    const { environment, outbox, isAlive } = this.#context;
    outbox.forgetSockets(isAlive);
    for (const message of outbox.due(environment.now())) this.#send(message);
    this.#cancelTimer();
    const next = outbox.nextDue();
    if (next === null) return;
    const delay = next - environment.now();
    // Without a way out nothing is due: whoever opens one comes by.
    if (delay > 0) this.#cancelTimer = environment.setTimer(() => this.pump(), delay);
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** For good. What is not sent is of whoever goes on with the outbox as it was kept. */
  end(): void {
    this.stop();
    this.#isEnded = true;
    for (const { reject } of this.#waiters.values()) reject(signedOut());
    this.#waiters.clear();
  }

  #send(message: OutMessage): void {
    const { environment, outbox, wayTo } = this.#context;
    const { client_message_id, conversation_id, content, reply_to_seq, metadata } = message;
    const way = wayTo(conversation_id);
    if (!way) return;
    const payload = { client_message_id, conversation_id, content, reply_to_seq, metadata };
    const frame = {
      type: "MESSAGE_SEND",
      request_id: client_message_id,
      payload: { ...payload, message_type: "text" },
    } as const;
    // Too long a frame is not even read: its refusal could not say which message it was.
    if (utf8ByteLength(JSON.stringify(frame)) > this.#limits.max_frame_bytes) {
      this.#fail(client_message_id, {
        code: "payload_too_large",
        message: "The message is too large to be sent",
      });
      return;
    }
    outbox.sent(client_message_id, way.socket, environment.now());
    way.send([frame]);
  }

  #fail(client_message_id: string, failure: FailureCause): void {
    const failed = this.#context.outbox.fail(client_message_id, failure);
    if (failed) this.#context.changed(failed);
    this.#take(client_message_id)?.reject(new UimError(failure.code, failure.message));
  }

  #take(client_message_id: string): Waiter | undefined {
    const waiter = this.#waiters.get(client_message_id);
    this.#waiters.delete(client_message_id);
    return waiter;
  }
}

function signedOut(): UimError {
  return new UimError("signed_out", "Its user has signed out, or signed in anew");
}
