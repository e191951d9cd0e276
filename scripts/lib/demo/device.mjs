// @ts-check
import { randomUUID } from "node:crypto";
import { Failure } from "../failure.mjs";

/** @typedef {import("./session.mjs").Message} Message */
/** @typedef {{ type: string, payload?: Record<string, unknown> }} Frame */
/**
 * A message on its way.
 * @typedef {object} Sending
 * @property {string} client_message_id
 * @property {string} content
 * @property {{ seq: number, message_id: string } | null} ack once the server has stored it
 */

const ACK_PAUSE_MS = 200;
const WAIT_MS = 15_000;
const HEARTBEAT = JSON.stringify({ type: "HEARTBEAT_PING" });
const BACKOFF_SECONDS = [1, 2, 4, 8, 16, 30];
/** Codes from here on say: do not reconnect (docs/protocol.md §3). */
const FINAL_CODES = 4500;

/** One device of a user, in one conversation: a client as docs/protocol.md §5 wants it. */
export class Device {
  /**
   * @param {string} name
   * @param {import("./session.mjs").Session} session
   * @param {string} conversation_id
   */
  constructor(name, session, conversation_id) {
    this.name = name;
    this.session = session;
    this.conversation_id = conversation_id;
    /** What the device has, by `seq`: received, or sent and acked. @type {Map<number, { message_id: string, at: number }>} */
    this.entries = new Map();
    /** How far the other has received and read. */
    this.ticks = { delivered: 0, read: 0 };
    /** @type {number | null} */
    this.unread_count = null;
    /** What the server did wrong, in words. @type {string[]} */
    this.faults = [];
    /** @type {Map<string, WebSocket>} */
    this.sockets = new Map();
    /** @type {Map<string, Sending>} */
    this.unacked = new Map();
    /** @type {NodeJS.Timeout | undefined} */
    this.ackTimer = undefined;
  }

  /**
   * Opens a socket and waits until everything missed has come.
   * @param {"device" | "conversation"} kind
   */
  async connect(kind) {
    const { ticket, ws_url, heartbeat_interval_ms } = await this.session.call("POST", "/api/connect");
    const path = kind === "device" ? "" : `/conversations/${this.conversation_id}`;
    const socket = new WebSocket(`${ws_url}${path}?ticket=${ticket}`);
    const state = { last_seq: 0, isReady: false };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)), kind, state);
    socket.onclose = ({ code }) => void this.#closed(kind, socket, code);
    this.sockets.set(kind, socket);
    await this.until(`its ${kind} socket`, () => state.isReady);
    const heartbeat = setInterval(() => socket.send(HEARTBEAT), heartbeat_interval_ms);
    socket.addEventListener("close", () => clearInterval(heartbeat));
    for (const sending of this.unacked.values()) this.#write(kind, sending);
  }

  /** Goes offline. */
  async disconnect() {
    const closing = [...this.sockets.values()].map(
      (socket) => new Promise((resolve) => socket.addEventListener("close", resolve)),
    );
    const sockets = [...this.sockets.values()];
    this.sockets.clear();
    for (const socket of sockets) socket.close(1000);
    await Promise.all(closing);
  }

  /**
   * Sends over one of its sockets. Resolves when the server has acked, which means that the message is durable.
   * @param {"device" | "conversation"} kind
   * @param {string} content
   */
  async send(kind, content) {
    const begun_at = performance.now();
    /** @type {Sending} */
    const sending = { client_message_id: randomUUID(), content, ack: null };
    const { client_message_id } = sending;
    this.unacked.set(client_message_id, sending);
    this.#write(kind, sending);
    await this.until("the ack of a message", () => sending.ack !== null);
    const { seq = 0, message_id = "" } = sending.ack ?? {};
    const acked_at = this.entries.get(seq)?.at ?? performance.now();
    return { seq, message_id, client_message_id, content, begun_at, ack_ms: acked_at - begun_at };
  }

  /**
   * @param {string} what for the message if it does not come to that
   * @param {() => boolean} isThere
   */
  async until(what, isThere) {
    const deadline = performance.now() + WAIT_MS;
    while (!isThere()) {
      if (performance.now() > deadline) {
        throw new Failure(`${this.name} waited ${WAIT_MS / 1000} s for ${what}. ${this.faults.join("; ")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /**
   * @param {string} kind
   * @param {Sending} sending
   */
  #write(kind, { client_message_id, content }) {
    const payload = { conversation_id: this.conversation_id, client_message_id, content };
    this.sockets.get(kind)?.send(JSON.stringify({ type: "MESSAGE_SEND", payload }));
  }

  /**
   * @param {import("../../../src/protocol/frames/server-frame.ts").ServerFrame} frame
   * @param {string} kind
   * @param {{ last_seq: number, isReady: boolean }} state
   */
  #receive(frame, kind, state) {
    if (frame.type === "SYNC_COMPLETE" || (frame.type === "CONNECTED" && kind === "conversation"))
      state.isReady = true;
    // On its device socket it hears of its user's other conversations too.
    const payload = "payload" in frame ? frame.payload : {};
    if ("conversation_id" in payload && payload.conversation_id !== this.conversation_id) return;
    if (frame.type === "MESSAGE_RECEIVE") this.#take(frame.payload, state);
    if (frame.type === "MESSAGE_ACK") {
      if (frame.payload.status === "sent") this.#sent(frame.payload);
      else if (frame.payload.user_id !== this.session.user.user_id) this.#tick(frame.payload);
    }
    if (frame.type === "INBOX_UPDATE") this.unread_count = frame.payload.unread_count;
    if (frame.type === "SYNC_GAP") this.faults.push("it was told of a gap, although little was missed");
    if (frame.type === "ERROR")
      this.faults.push(`the server said ${frame.payload.code}: ${frame.payload.message}`);
  }

  /**
   * @param {Message} message
   * @param {{ last_seq: number }} state
   */
  #take({ seq, message_id }, state) {
    if (seq <= state.last_seq) this.faults.push(`message ${seq} came after ${state.last_seq} on one socket`);
    state.last_seq = seq;
    this.#keep(seq, message_id);
    this.ackTimer ??= setTimeout(() => this.acknowledge("delivered"), ACK_PAUSE_MS);
  }

  /**
   * An entry it has is not taken twice.
   * @param {number} seq
   * @param {string} message_id
   */
  #keep(seq, message_id) {
    const known = this.entries.get(seq);
    if (!known) this.entries.set(seq, { message_id, at: performance.now() });
    else if (known.message_id !== message_id) this.faults.push(`two messages have the place ${seq}`);
  }

  /** @param {{ seq: number, message_id: string, client_message_id: string }} ack */
  #sent(ack) {
    const sending = this.unacked.get(ack.client_message_id);
    if (!sending) return;
    this.unacked.delete(ack.client_message_id);
    this.#keep(ack.seq, ack.message_id);
    sending.ack = ack;
  }

  /** @param {{ status: "delivered" | "read", seq: number }} mark */
  #tick({ status, seq }) {
    this.ticks[status] = Math.max(this.ticks[status], seq);
    if (status === "read") this.ticks.delivered = Math.max(this.ticks.delivered, seq);
  }

  /**
   * Acks everything up to the first hole.
   * @param {"delivered" | "read"} status
   */
  acknowledge(status) {
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
    let seq = 0;
    while (this.entries.has(seq + 1)) seq++;
    const payload = { conversation_id: this.conversation_id, seq, status };
    this.sockets.get("device")?.send(JSON.stringify({ type: "MESSAGE_ACK", payload }));
  }

  /**
   * Comes back after a drop that it did not ask for.
   * @param {"device" | "conversation"} kind
   * @param {WebSocket} socket
   * @param {number} code
   */
  async #closed(kind, socket, code) {
    if (this.sockets.get(kind) !== socket) return;
    this.sockets.delete(kind);
    if (code >= FINAL_CODES) {
      this.faults.push(`its ${kind} socket was closed with ${code}`);
      return;
    }
    for (const seconds of BACKOFF_SECONDS) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * seconds * 1000));
      try {
        return await this.connect(kind);
      } catch {
        // The server is not back yet: wait longer.
      }
    }
    this.faults.push(`its ${kind} socket closed with ${code} and could not be opened again`);
  }
}
