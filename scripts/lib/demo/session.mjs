// @ts-check
import { randomBytes } from "node:crypto";
import { Failure } from "../failure.mjs";

/**
 * A message as the server shows it, as far as it is read here.
 * @typedef {{ seq: number, message_id: string, client_message_id?: string | undefined, sender_id: string, content: string, conversation_id: string }} Message
 */

/** A user who is signed in on one device: what it does over REST. */
export class Session {
  /**
   * @param {string} url
   * @param {string} access_token
   * @param {{ user_id: string, username: string }} user
   * @param {string} password
   */
  constructor(url, access_token, user, password) {
    this.url = url;
    this.access_token = access_token;
    this.user = user;
    this.password = password;
  }

  /**
   * @param {string} url
   * @param {string} name what its user name begins with
   */
  static async register(url, name) {
    const username = `${name}_${randomBytes(4).toString("hex")}`;
    const password = randomBytes(12).toString("base64url");
    const email = `${username}@example.com`;
    const body = { username, password, email, device: { platform: "cli", name: "demo" } };
    const { access_token, user } = await request(url, "POST", "/api/auth/register", body);
    return new Session(url, access_token, user, password);
  }

  /** The same user on another device. */
  async anotherDevice() {
    const { url, user, password } = this;
    const body = {
      username: user.username,
      password,
      device: { platform: "cli", name: "demo, second device" },
    };
    const { access_token } = await request(url, "POST", "/api/auth/login", body);
    return new Session(url, access_token, user, password);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  call(method, path, body) {
    return request(this.url, method, path, body, this.access_token);
  }

  /**
   * The whole history, page by page.
   * @param {string} conversation_id
   */
  async history(conversation_id) {
    /** @type {Message[]} */
    const messages = [];
    for (;;) {
      const query = `after_seq=${messages.at(-1)?.seq ?? 0}&limit=100`;
      const page = await this.call("GET", `/api/conversations/${conversation_id}/messages?${query}`);
      messages.push(...page.items);
      if (!page.has_more) return messages;
    }
  }

  /**
   * @param {string} conversation_id
   * @returns {Promise<{ unread_count: number, mention_count: number }>}
   */
  async inboxRow(conversation_id) {
    const { items } = await this.call("GET", "/api/conversations");
    return items.find(
      (/** @type {{ conversation_id: string }} */ one) => one.conversation_id === conversation_id,
    );
  }

  /** @param {string} conversation_id */
  async unreadCount(conversation_id) {
    return (await this.inboxRow(conversation_id)).unread_count;
  }
}

/**
 * @param {string} url
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [token]
 */
async function request(url, method, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await reach(url, path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (response.ok) return text === "" ? null : JSON.parse(text);
  throw new Failure(`The server refused ${method} ${path} (${response.status}):\n${text}`);
}

/**
 * @param {string} url
 * @param {string} path
 * @param {RequestInit} init
 */
async function reach(url, path, init) {
  try {
    return await fetch(url + path, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
    throw new Failure(
      `No UIM server answers at ${url}${cause}.\nStart one in another terminal with: npm start\nOne that runs elsewhere is named by UIM_URL: UIM_URL=http://127.0.0.1:9000 npm run demo`,
    );
  }
}
