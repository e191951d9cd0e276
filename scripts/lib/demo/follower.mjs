// @ts-check
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../failure.mjs";

/** @typedef {import("../../../src/protocol/message.ts").Message} Message */
/** @typedef {import("../../../src/protocol/conversation.ts").Conversation} Conversation */

const WAIT_MS = 15_000;

/** A device that folds what it is told of one group into what its screen would show. */
export class Follower {
  /**
   * @param {string} name
   * @param {import("./session.mjs").Session} session
   */
  constructor(name, session) {
    this.name = name;
    this.session = session;
    /** The messages and events as they are now, by `seq`. @type {Map<number, Message>} */
    this.shown = new Map();
    /** Every entry it was told of. @type {Set<number>} */
    this.seqs = new Set();
    /** @type {Conversation | null} */
    this.group = null;
    /** What the server did wrong, in words. @type {string[]} */
    this.faults = [];
    /** @type {WebSocket | null} */
    this.socket = null;
    this.isSynced = false;
  }

  /** Opens its socket and waits until everything missed has come. */
  async connect() {
    const { ticket, ws_url } = await this.session.call("POST", "/api/connect");
    const socket = new WebSocket(`${ws_url}?ticket=${ticket}`);
    const state = { last_seq: 0 };
    this.isSynced = false;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)), state);
    this.socket = socket;
    await this.until("its socket", () => this.isSynced);
  }

  /** Acknowledges what it has, and goes offline. */
  async disconnect() {
    const { socket, group } = this;
    this.socket = null;
    if (!socket) return;
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    if (group) {
      const payload = { conversation_id: group.conversation_id, seq: this.whole, status: "delivered" };
      socket.send(JSON.stringify({ type: "MESSAGE_ACK", payload }));
    }
    socket.close(1000);
    await closed;
  }

  /** Up to where it knows every entry. */
  get whole() {
    let seq = this.group?.readable_after_seq ?? 0;
    while (this.seqs.has(seq + 1)) seq++;
    return seq;
  }

  /**
   * @param {number} seq
   */
  upTo(seq) {
    return this.until(`entry ${seq} of the group`, () => this.whole >= seq);
  }

  /**
   * @param {string} what for the message if it does not come to that
   * @param {() => boolean} isThere
   */
  async until(what, isThere) {
    const deadline = performance.now() + WAIT_MS;
    while (!isThere()) {
      if (performance.now() > deadline)
        throw new Failure(`${this.name} waited ${WAIT_MS / 1000} s for ${what}. ${this.faults.join("; ")}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /**
   * What its screen shows otherwise than the history, in words.
   * @param {readonly Message[]} history as its user reads it
   */
  differences(history) {
    const faults = this.faults.map((fault) => `${this.name}: ${fault}`);
    for (const message of history) {
      const { seq } = message;
      if (!isDeepStrictEqual(this.shown.get(seq), message))
        faults.push(`${this.name} shows something else at ${seq} than the history`);
    }
    const extra = this.shown.size - history.length;
    if (extra > 0) faults.push(`${this.name} shows ${extra} more than the history`);
    return faults;
  }

  /**
   * @param {import("../../../src/protocol/frames/server-frame.ts").ServerFrame} frame
   * @param {{ last_seq: number }} state
   */
  #receive(frame, state) {
    switch (frame.type) {
      case "SYNC_COMPLETE":
        this.isSynced = true;
        break;
      case "MESSAGE_RECEIVE": {
        const { sync_id: _, ...message } = frame.payload;
        this.#take(frame.payload.seq, message, state);
        break;
      }
      case "MESSAGE_UPDATE":
        this.#take(frame.payload.seq, frame.payload.message, state);
        break;
      case "CONVERSATION_UPDATE":
        this.group = frame.payload.conversation;
        this.#take(frame.payload.seq, frame.payload.message, state);
        break;
      case "ERROR":
        this.faults.push(`the server said ${frame.payload.code}: ${frame.payload.message}`);
    }
  }

  /**
   * @param {number} seq of the entry
   * @param {Message} message as it is after it
   * @param {{ last_seq: number }} state of the socket
   */
  #take(seq, message, state) {
    if (seq <= state.last_seq) this.faults.push(`entry ${seq} came after ${state.last_seq} on one socket`);
    state.last_seq = seq;
    this.seqs.add(seq);
    this.shown.set(message.seq, message);
  }
}
