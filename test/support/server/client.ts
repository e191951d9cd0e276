import { randomBytes } from "node:crypto";
import type { z } from "zod";
import {
  type Conversation,
  conversationSchema,
  type InboxRow,
  inboxRowSchema,
} from "../../../src/protocol/conversation.ts";
import type { ErrorCode } from "../../../src/protocol/errors.ts";
import { type Problem, problemSchema } from "../../../src/protocol/errors.ts";
import {
  type HistoryPage,
  historyPageSchema,
  type Message,
  messageSchema,
  type ReadResult,
  readResultSchema,
} from "../../../src/protocol/message.ts";
import { pageSchema } from "../../../src/protocol/page.ts";
import { connectSchema, type Platform, signedInSchema } from "../../../src/protocol/session.ts";
import { TestSocket } from "./test-socket.ts";

/** An answer of the server as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or the text if it is none; null if empty. */
  readonly body: unknown;
}

/** The server refused a request that the test expected to succeed. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly code: ErrorCode | undefined;
  readonly problem: Problem | undefined;

  constructor(request: string, { status, body }: Answer) {
    super(`${request} was answered with ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.problem = problemSchema.safeParse(body).data;
    this.code = this.problem?.code;
  }
}

/** Who someone is, and what they sign in with. */
export interface Account {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export interface DeviceOptions {
  readonly device_id?: string;
  readonly platform?: Platform;
  readonly name?: string;
}

export interface SocketOptions {
  readonly batch?: boolean;
  readonly last_sync_id?: number;
  /** Another device than the session's own. */
  readonly device_id?: string;
  /** What proves who connects: a fresh ticket (default) or the access token itself. */
  readonly via?: "ticket" | "token";
}

/** One request, with whatever token and body; never throws because of the answer. */
export async function request(
  url: string,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
}

function parseBody(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A name no other test uses. */
export function uniqueName(prefix = "user"): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}

/** Registers a new user and signs it in on its first device. */
export async function register(
  url: string,
  { username = uniqueName(), device = {} }: { username?: string; device?: DeviceOptions } = {},
): Promise<Session> {
  const password = `correct horse ${randomBytes(6).toString("hex")}`;
  const credentials = { username, email: `${username}@example.com`, password };
  return Session.begin(url, "/api/auth/register", { ...credentials, device }, password);
}

/** Signs an account in on another device, or anew on one that it has. */
export function login(
  url: string,
  { username, password }: Pick<Account, "username" | "password">,
  device: DeviceOptions = {},
): Promise<Session> {
  return Session.begin(url, "/api/auth/login", { username, password, device }, password);
}

/** A user who is signed in on one device. */
export class Session {
  readonly url: string;
  readonly account: Account;
  readonly session_id: string;
  readonly device_id: string;
  access_token: string;
  refresh_token: string | undefined;

  private constructor(url: string, signedIn: z.infer<typeof signedInSchema>, password: string) {
    const { user_id, username, email } = signedIn.user;
    this.url = url;
    this.account = { user_id, username, email, password };
    this.session_id = signedIn.session_id;
    this.device_id = signedIn.device_id;
    this.access_token = signedIn.access_token;
    this.refresh_token = signedIn.refresh_token;
  }

  static async begin(url: string, path: string, body: object, password: string): Promise<Session> {
    const answer = await request(url, "POST", path, { body });
    return new Session(url, accept(signedInSchema, `POST ${path}`, answer), password);
  }

  get user_id(): string {
    return this.account.user_id;
  }

  /** A request as this user; never throws because of the answer. */
  request(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(this.url, method, path, { token: this.access_token, body });
  }

  /** A request that must succeed; its answer is checked against the protocol's schema. */
  async call<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.infer<T>> {
    return accept(schema, `${method} ${path}`, await this.request(method, path, body));
  }

  createOneOnOne(participant_id: string): Promise<Conversation> {
    return this.call(conversationSchema, "POST", "/api/conversations", {
      type: "one_on_one",
      participant_id,
    });
  }

  createGroup(name: string, participant_ids: readonly string[]): Promise<Conversation> {
    return this.call(conversationSchema, "POST", "/api/conversations", {
      type: "group",
      name,
      participant_ids,
    });
  }

  /** `query` as in `after_seq=0&limit=100`; without one the newest page. */
  history(conversation_id: string, query = ""): Promise<HistoryPage> {
    return this.call(historyPageSchema, "GET", `/api/conversations/${conversation_id}/messages?${query}`);
  }

  /** The whole history, page by page, ascending. */
  async wholeHistory(conversation_id: string): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const page = await this.history(conversation_id, `after_seq=${messages.at(-1)?.seq ?? 0}&limit=100`);
      messages.push(...page.items);
      if (!page.has_more) return messages;
    }
  }

  /** The first 100 rows of the inbox, newest activity first. */
  async inbox(): Promise<InboxRow[]> {
    return (await this.call(pageSchema(inboxRowSchema), "GET", "/api/conversations?limit=100")).items;
  }

  async inboxRow(conversation_id: string): Promise<InboxRow> {
    const row = (await this.inbox()).find((candidate) => candidate.conversation_id === conversation_id);
    if (!row) throw new Error(`the inbox has no conversation ${conversation_id}`);
    return row;
  }

  /** Sends over HTTP. */
  send(conversation_id: string, content: string, client_message_id = uniqueName("m")): Promise<Message> {
    const body = { content, client_message_id };
    const path = `/api/conversations/${conversation_id}/messages?device_id=${this.device_id}`;
    return this.call(messageSchema, "POST", path, body);
  }

  markRead(conversation_id: string, seq: number): Promise<ReadResult> {
    return this.call(readResultSchema, "POST", `/api/conversations/${conversation_id}/read`, { seq });
  }

  async ticket(): Promise<string> {
    return (await this.call(connectSchema, "POST", "/api/connect")).ticket;
  }

  /** Opens this device's socket and waits for CONNECTED. */
  connectDevice(options: SocketOptions = {}): Promise<TestSocket> {
    return this.#connect("/ws", options);
  }

  /** Opens a socket to one conversation and waits for CONNECTED. */
  connectConversation(conversation_id: string, options: SocketOptions = {}): Promise<TestSocket> {
    return this.#connect(`/ws/conversations/${conversation_id}`, options);
  }

  async #connect(
    path: string,
    { batch = false, last_sync_id, device_id, via = "ticket" }: SocketOptions,
  ): Promise<TestSocket> {
    const query = new URLSearchParams({ [via]: via === "ticket" ? await this.ticket() : this.access_token });
    if (batch) query.set("batch", "1");
    if (last_sync_id !== undefined) query.set("last_sync_id", String(last_sync_id));
    if (device_id !== undefined) query.set("device_id", device_id);
    const socket = await TestSocket.open(`${this.url.replace(/^http/, "ws")}${path}?${query}`);
    await socket.next("CONNECTED");
    return socket;
  }
}

function accept<T extends z.ZodType>(schema: T, request: string, answer: Answer): z.infer<T> {
  if (answer.status < 200 || answer.status > 299) throw new RequestRefused(request, answer);
  return schema.parse(answer.body);
}
