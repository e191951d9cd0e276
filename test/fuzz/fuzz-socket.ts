import { randomUUID } from "node:crypto";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

/** A socket is replaced when its frames were refused so often, since one is cut off after a hundred (4503). */
const MAX_REFUSALS = 50;
const MAX_VIOLATIONS = 100;
const ANSWER_MS = 15_000;

/** A socket that takes anything, and is opened anew before the server has to cut it off. */
export class FuzzSocket {
  readonly #open: () => Promise<TestSocket>;
  #socket: TestSocket | null = null;

  constructor(open: () => Promise<TestSocket>) {
    this.#open = open;
  }

  /** Sends messages and waits until the server is through with them. Throws if it answers as it never should. */
  async send(messages: readonly (string | Uint8Array)[]): Promise<void> {
    this.#socket ??= await this.#open();
    const socket = this.#socket;
    try {
      if (await isToBeReplaced(socket, messages)) await this.close();
    } catch (error) {
      // What comes next, a smaller case perhaps, is not to be blamed for this one.
      socket.raw.terminate();
      this.#socket = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    await socket?.close(1000);
  }
}

async function isToBeReplaced(
  socket: TestSocket,
  messages: readonly (string | Uint8Array)[],
): Promise<boolean> {
  for (const message of messages) socket.sendRaw(message);
  const request_id = randomUUID();
  socket.send({ type: "HEARTBEAT_PING", request_id });
  const isAnswer = (pong: { request_id?: string | undefined }) => pong.request_id === request_id;
  // Rejects when the socket closes.
  const answered = socket.next("HEARTBEAT_PONG", isAnswer, ANSWER_MS).then(
    () => true,
    (error: Error) => error,
  );
  const outcome = await answered;
  const errors = socket.all("ERROR");
  const broken = errors.filter(
    ({ payload }) => payload.code === "internal" || payload.code === "unavailable",
  );
  if (broken.length > 0) throw new Error(`the server failed: ${JSON.stringify(broken)}`);
  if (outcome === true) return errors.length > MAX_REFUSALS;
  if (socket.isOpen) throw outcome;
  const { code } = await socket.closed;
  if (code === CLOSE.protocol_violation && errors.length >= MAX_VIOLATIONS - 1) return true;
  throw outcome;
}
