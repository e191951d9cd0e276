import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { historyPageSchema, type Message, type SentAck } from "../../src/protocol/message.ts";
import { RestClient } from "../client/rest.ts";
import { readKey } from "../client/sender.ts";
import type { SoakConversation } from "./conversation.ts";
import { Lane } from "./lane.ts";
import type { Sent } from "./stream.ts";
import type { Tally } from "./tally.ts";

const PAGE = 100;

/** What must be known of a message to say whose it is. */
interface Named {
  readonly conversation_id: string;
  readonly client_message_id?: string | undefined;
  readonly sender_id?: string;
}

/** What all devices of the run share: the server, the account of what happens, and who has sent what. */
export class World {
  readonly url: string;
  readonly tally: Tally;
  readonly #tag = randomBytes(4).toString("hex");
  readonly lanes: Lane[] = [];
  /** While people read what they get; false when the accounts are to be settled. */
  isLively = true;

  constructor(url: string, tally: Tally) {
    this.url = url;
    this.tally = tally;
  }

  openLane(conversation: SoakConversation, user_id: string): Lane {
    const lane = new Lane(conversation, user_id, { index: this.lanes.length, tag: this.#tag });
    this.lanes.push(lane);
    return lane;
  }

  /** Which message of this run it is. Null, and an error, if it is none, or stands where it does not belong. */
  identify({ conversation_id, client_message_id = "", sender_id }: Named): (Sent & { lane: Lane }) | null {
    const sent = readKey(client_message_id, this.#tag);
    const lane = sent && this.lanes[sent.sender];
    const isRight =
      lane?.conversation.conversation_id === conversation_id && (sender_id ?? lane.user_id) === lane.user_id;
    if (sent && lane && isRight) return { ...sent, lane };
    this.tally.error(`a message ${client_message_id} by ${sender_id} came in ${conversation_id}`);
    return null;
  }

  /** A sender hears that its message is durable. */
  takeAck(ack: SentAck, now: number): Lane | null {
    const sent = this.identify(ack);
    if (!sent?.lane.ack(sent.number, ack.seq)) return null;
    this.tally.acked(sent.lane.age(sent.number, now));
    return sent.lane;
  }

  /** A request, and its answer as it must be. Each has a connection of its own: they are few and far between. */
  async get<T>(token: string, path: string, schema: z.ZodType<T>): Promise<T> {
    const { status, body, ms } = await this.#rest(token).get(path);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`);
    this.tally.requested(ms);
    return schema.parse(body);
  }

  async post<T>(token: string | null, path: string, content: object, schema: z.ZodType<T>): Promise<T> {
    const { status, body, ms } = await this.#rest(token).post(path, content);
    if (status !== 200 && status !== 201)
      throw new Error(`POST ${path} was answered ${status}: ${JSON.stringify(body)}`);
    // Slow on purpose: it would be all that is seen of the others.
    if (path !== "/api/auth/login") this.tally.requested(ms);
    return schema.parse(body);
  }

  /** The messages after a place and up to another, in order and without a hole. */
  async *readLog(token: string, id: string, after_seq: number, to_seq: number): AsyncGenerator<Message> {
    let seq = after_seq;
    while (seq < to_seq) {
      const limit = Math.min(PAGE, to_seq - seq);
      const path = `/api/conversations/${id}/messages?after_seq=${seq}&limit=${limit}`;
      const { items } = await this.get(token, path, historyPageSchema);
      if (items.length === 0) throw new Error(`the log of ${id} ends at ${seq}, not at ${to_seq}`);
      for (const message of items) {
        if (message.seq !== ++seq) throw new Error(`the log of ${id} has ${message.seq} at place ${seq}`);
        yield message;
      }
    }
  }

  #rest(token: string | null): RestClient {
    return new RestClient(this.url, token, { keepAlive: false });
  }

  /** Something that goes on by itself: if it fails, so does the run. */
  inBackground(what: string, work: Promise<unknown>): void {
    work.catch((error) => this.tally.error(`${what}: ${error instanceof Error ? error.message : error}`));
  }
}
