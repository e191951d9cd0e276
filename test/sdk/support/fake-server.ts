import { limitsSchema } from "../../../src/protocol/limits.ts";
import { type FakeEnvironment, type FakeSocket, json, problem } from "./fake-environment.ts";
import { CHAT, conversationAt, emptyRow, LogModel, ME, OTHER, type Step } from "./log-model.ts";

const SESSION = "01900000-0000-7000-8000-0000000000aa";
const ACCESS_TOKEN = `x.${btoa(JSON.stringify({ sub: ME }))}.x`;

export function connectedFrame(more: object = {}) {
  return {
    type: "CONNECTED",
    payload: {
      protocol: "uim.v1",
      user_id: ME,
      device_id: "device",
      session_id: SESSION,
      server_time: 0,
      heartbeat_interval_ms: 30_000,
      limits: limitsSchema.parse({}),
      ...more,
    },
  };
}

interface SentFrame {
  readonly type: string;
  readonly request_id?: string;
  readonly payload: Record<string, string & number>;
}

/** A server of one user and one conversation, in memory. It keeps to the protocol, and does what a test tells it to. */
export class FakeServer {
  readonly log = new LogModel([]);
  readonly environment: FakeEnvironment;
  /** Up to where the device has acknowledged. */
  acked_seq = 0;
  read_seq = 0;
  sync_id = 1;
  push_limit = 200;
  /** `last_sync_id`s that are not known any more. */
  forgotten = false;
  /** Answers of sends get lost. */
  losesAcks = false;
  /** What is refused, and how; by `client_message_id`'s content. */
  refuse: (content: string) => object | null = () => null;
  readonly requests: string[] = [];

  constructor(environment: FakeEnvironment) {
    this.environment = environment;
    environment.answer = (url, init) => this.#answer(new URL(url), init);
    environment.onSocket = (socket) => {
      socket.onSent = (frame) => this.#hear(socket, frame as SentFrame);
      queueMicrotask(() => this.#greet(socket));
    };
  }

  get row() {
    const { head_seq, unread_count } = this.log;
    const unread = this.read_seq >= head_seq ? 0 : unread_count;
    const last_message = this.log.messages().findLast(({ message_type }) => message_type === "text") ?? null;
    return {
      ...emptyRow(),
      last_message,
      head_seq,
      read_seq: this.read_seq,
      unread_count: unread,
      sync_id: this.sync_id,
    };
  }

  /** Something happens in the conversation; whoever is connected is told. */
  happens(...steps: Step[]): void {
    for (const step of steps) {
      const before = this.log.head_seq;
      this.log.take(step);
      this.sync_id++;
      const entry = this.log.entries[before];
      if (!entry || entry.isFromHere) continue;
      for (const socket of this.#open()) socket.say(this.log.frame(entry));
    }
  }

  says(content: string): void {
    this.happens({ kind: "message", sender_id: OTHER, isFromHere: false, content });
  }

  #open(): FakeSocket[] {
    return this.environment.sockets.filter(({ isClosed }) => !isClosed);
  }

  #greet(socket: FakeSocket): void {
    const isDevice = socket.url.pathname === "/ws";
    const { head_seq } = this.log;
    socket.say(connectedFrame(isDevice ? {} : { conversation_id: CHAT, head_seq }));
    if (!isDevice) return;
    const last_sync_id = socket.url.searchParams.get("last_sync_id");
    const begin = Math.max(this.acked_seq, head_seq - this.push_limit);
    const gap = { conversation_id: CHAT, from_seq: this.acked_seq + 1, to_seq: begin };
    if (begin > this.acked_seq) socket.say({ type: "SYNC_GAP", payload: gap });
    // What the client says meanwhile comes after it.
    for (const entry of this.log.entries.slice(begin, head_seq)) socket.say(this.log.frame(entry, head_seq));
    if (last_sync_id !== null && Number(last_sync_id) < this.sync_id && !this.forgotten) {
      socket.say({ type: "INBOX_UPDATE", payload: this.row });
    }
    const reset = this.forgotten && last_sync_id !== null && { reset: true };
    socket.say({ type: "SYNC_COMPLETE", payload: { sync_id: this.sync_id, ...reset } });
  }

  #hear(socket: FakeSocket, { type, request_id, payload }: SentFrame): void {
    if (type === "HEARTBEAT_PING") socket.say({ type: "HEARTBEAT_PONG" });
    else if (type === "MESSAGE_SEND") this.#store(socket, payload, request_id);
    else if (type === "MESSAGE_ACK" && payload.status === "delivered") {
      this.acked_seq = Math.max(this.acked_seq, Number(payload.seq));
    } else if (type === "MESSAGE_ACK") {
      this.read_seq = Math.max(this.read_seq, Number(payload.seq));
      this.sync_id++;
      socket.say({ type: "INBOX_UPDATE", payload: this.row });
    }
  }

  #store(socket: FakeSocket, payload: Record<string, string>, request_id: string | undefined): void {
    const { client_message_id = "", content = "" } = payload;
    const refused = this.refuse(content);
    if (refused) {
      socket.say({
        type: "ERROR",
        request_id,
        payload: { message: "no", details: { client_message_id }, ...refused },
      });
      return;
    }
    const isThis = (message: { client_message_id?: string | undefined }) =>
      message.client_message_id === client_message_id;
    const duplicate = this.log.messages().some(isThis);
    if (!duplicate) {
      this.happens({ kind: "message", sender_id: ME, isFromHere: true, content, client_message_id });
      if (this.acked_seq === this.log.head_seq - 1) this.acked_seq++;
    }
    if (this.losesAcks) return;
    const seq = this.log.messages().find(isThis)?.seq ?? 0;
    const entry = this.log.entries[seq - 1];
    if (entry)
      socket.say({ type: "MESSAGE_ACK", request_id, payload: { ...this.log.ack(entry), duplicate } });
  }

  #answer({ pathname, searchParams }: URL, init: RequestInit): Response {
    this.requests.push(`${init.method} ${pathname}`);
    switch (pathname) {
      case "/api/auth/login":
        return json({ ...this.#tokens(), user: account() });
      case "/api/auth/refresh":
        return json(this.#tokens());
      case "/api/auth/logout":
        return new Response(null, { status: 204 });
      case "/api/connect":
        return json({ ws_url: "ws://fake/ws", ticket: "t", expires_in: 30, heartbeat_interval_ms: 30_000 });
      case "/api/conversations":
        return json({ items: [this.row], next_cursor: null });
      case `/api/conversations/${CHAT}`:
        return json(conversationAt(this.log.head_seq));
      case `/api/conversations/${CHAT}/members`:
        return json({ items: [ME, OTHER].map(memberOf), next_cursor: null });
      case `/api/conversations/${CHAT}/messages`: {
        const limit = Number(searchParams.get("limit") ?? 50);
        const after = searchParams.get("after_seq");
        const before = searchParams.get("before_seq");
        return json(
          this.log.page({
            limit,
            ...(after !== null && { after_seq: Number(after) }),
            ...(before !== null && { before_seq: Number(before) }),
          }),
        );
      }
      default:
        return problem("not_found", 404);
    }
  }

  #tokens() {
    return {
      access_token: ACCESS_TOKEN,
      refresh_token: "r",
      token_type: "Bearer",
      expires_in: 900,
      session_id: SESSION,
      device_id: "device",
    };
  }
}

function memberOf(user_id: string) {
  return { user_id, role: "member", joined_at: 0, delivered_seq: 0, read_seq: 0 };
}

function account() {
  return {
    user_id: ME,
    username: "somebody",
    display_name: "Somebody",
    avatar_url: null,
    status_text: "",
    email: "a@example.com",
    roles: [],
    created_at: 0,
    privacy: { read_receipts: true, last_seen: "friends", who_may_write: "everyone" },
  };
}
