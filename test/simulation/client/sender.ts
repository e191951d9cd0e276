import { isTurnedAway, Refused } from "../worker.ts";
import type { Device, DeviceContext } from "./device.ts";
import { draftOf } from "./frames.ts";
import type { OutMessage } from "./outbox.ts";
import type { Requests } from "./requests.ts";

/** Sends what is in a device's outbox over whichever of its ways chance picks, and again where it was refused for now. */
export class Sender {
  readonly #device: Device;
  readonly #requests: Requests;
  readonly #context: DeviceContext;

  constructor(device: Device, requests: Requests, context: DeviceContext) {
    this.#device = device;
    this.#requests = requests;
    this.#context = context;
  }

  send(message: OutMessage): void {
    const { conversation_id, client_message_id, content } = message;
    const { identity, sockets } = this.#device;
    const link = sockets.pick(conversation_id);
    if (link && this.#context.random.chance(0.85)) {
      link.send([{ type: "MESSAGE_SEND", payload: draftOf(message, { conversation_id }) }], true);
      return;
    }
    const draft = draftOf({ client_message_id, content }, {});
    const sending = this.#requests.ask(conversation_id, (worker) =>
      worker.send(identity, conversation_id, draft),
    );
    this.#requests.limit(sending).then(
      (ack) => this.#device.acknowledged(ack),
      (error) => this.#failed(message, error),
    );
  }

  /** A frame with a message was refused. */
  refused(client_message_id: string, code: string, retry_after_ms: number | undefined): void {
    const { outbox } = this.#device;
    const begun = outbox.begunOf(client_message_id);
    if (code === "conversation_not_found" && begun) {
      this.#requests.turnedAway(begun.conversation_id, begun.begun_at);
      outbox.abandon(client_message_id);
    }
    this.#again(client_message_id, retry_after_ms);
  }

  #failed({ client_message_id }: OutMessage, error: unknown): void {
    if (isTurnedAway(error)) this.#device.outbox.abandon(client_message_id);
    this.#again(client_message_id, error instanceof Refused ? error.refusal.retry_after_ms : undefined);
  }

  /** Unless it is given up. */
  #again(client_message_id: string, retry_after_ms: number | undefined): void {
    const { random } = this.#context;
    this.#device.outbox.retryIn(client_message_id, retry_after_ms ?? random.between(200, 2_000));
  }
}
