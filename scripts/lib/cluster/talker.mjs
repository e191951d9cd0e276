// @ts-check
import { randomUUID } from "node:crypto";
import { Session } from "../demo/session.mjs";

/** @typedef {import("../demo/session.mjs").Message} Message */

/**
 * A message and the server's word that it is stored.
 * @typedef {object} Said
 * @property {string} client_message_id
 * @property {string} content
 * @property {string} sender_id
 * @property {number} seq
 * @property {string} message_id
 * @property {number} begun_at `performance.now()`
 * @property {number} ack_ms
 */

const ACK_PATIENCE_MS = 2_000;
const CONNECT_PATIENCE_MS = 5_000;
const RETRY_MS = 200;
const PAUSE_MS = 100;

/**
 * Someone who writes one message after the other, each again and again under the same id until it is acked, and who goes
 * to the next node when one does not answer.
 */
export class Talker {
  /** @type {WebSocket | null} */
  #socket = null;
  #isDone = false;
  /** @type {((ack: { seq: number, message_id: string }) => void) | null} */
  #onAck = null;
  #awaited = "";
  /** What has been acked. @type {Said[]} */
  said = [];
  /** What has come from others, by `seq`. @type {Map<number, string>} */
  heard = new Map();

  /**
   * @param {Session} session
   * @param {readonly string[]} urls the nodes, the preferred one first
   */
  constructor(session, urls) {
    this.session = session;
    this.urls = [...urls];
  }

  /**
   * @param {string} name
   * @param {readonly string[]} urls
   */
  static async register(name, urls) {
    return new Talker(await Session.register(urls[0] ?? "", name), urls);
  }

  /**
   * Talks until told to stop.
   * @param {string} conversation_id
   */
  async talk(conversation_id) {
    for (let number = 1; !this.#isDone; number++) {
      await this.#say(conversation_id, `${this.session.user.username}, ${number}`);
      await pause(PAUSE_MS);
    }
    this.#socket?.close(1000);
  }

  stop() {
    this.#isDone = true;
  }

  /**
   * @param {string} conversation_id
   * @param {string} content
   */
  async #say(conversation_id, content) {
    const client_message_id = randomUUID();
    const begun_at = performance.now();
    const frame = { type: "MESSAGE_SEND", payload: { conversation_id, client_message_id, content } };
    for (;;) {
      const ack = await this.#attempt(client_message_id, JSON.stringify(frame));
      if (ack) {
        const ack_ms = performance.now() - begun_at;
        const sender_id = this.session.user.user_id;
        this.said.push({ ...ack, client_message_id, content, sender_id, begun_at, ack_ms });
        return;
      }
      await pause(RETRY_MS);
    }
  }

  /**
   * @param {string} client_message_id
   * @param {string} text
   * @returns {Promise<{ seq: number, message_id: string } | null>} null if there is no ack in time
   */
  async #attempt(client_message_id, text) {
    const socket = await this.#connected();
    if (!socket) return null;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), ACK_PATIENCE_MS);
      socket.onclose = () => resolve(null);
      this.#awaited = client_message_id;
      this.#onAck = (ack) => {
        clearTimeout(timer);
        resolve(ack);
      };
      socket.send(text);
    });
  }

  /** @returns {Promise<WebSocket | null>} null if no node answers now */
  async #connected() {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    try {
      this.session.url = this.urls[0] ?? "";
      const { ticket, ws_url } = await within(this.session.call("POST", "/api/connect"));
      const socket = new WebSocket(`${ws_url}?ticket=${ticket}`);
      socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)));
      await within(
        new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onerror = () => reject(new Error("no socket"));
        }),
      );
      this.#socket = socket;
      return socket;
    } catch {
      this.urls.push(this.urls.shift() ?? "");
      return null;
    }
  }

  /** @param {import("../../../src/protocol/frames/server-frame.ts").ServerFrame} frame */
  #receive(frame) {
    if (frame.type === "MESSAGE_RECEIVE") {
      const { conversation_id, seq, message_id } = frame.payload;
      this.heard.set(seq, message_id);
      const payload = { conversation_id, seq, status: "delivered" };
      this.#socket?.send(JSON.stringify({ type: "MESSAGE_ACK", payload }));
    }
    if (frame.type !== "MESSAGE_ACK" || frame.payload.status !== "sent") return;
    const { client_message_id, seq, message_id } = frame.payload;
    if (client_message_id === this.#awaited) this.#onAck?.({ seq, message_id });
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(promise) {
  const late = pause(CONNECT_PATIENCE_MS).then(() => Promise.reject(new Error("too late")));
  return Promise.race([promise, late]);
}
