import http from "node:http";
import { inviteSchema } from "../../src/protocol/invite.ts";
import { type Answer, register, type Session } from "../support/server/client.ts";
import { type Belongings, fillIn } from "./placeholders.ts";
import type { FuzzRequest } from "./requests.ts";

const TIMEOUT_MS = 20_000;

/**
 * A user with a conversation, a group, and messages in both, who sends whatever comes. Begins anew when its session has ended,
 * and with other conversations when it has left or deleted something.
 */
export class Attacker {
  readonly #url: string;
  readonly #peer: Session;
  readonly #third: Session;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  session: Session;
  belongings: Belongings;

  private constructor(url: string, peer: Session, third: Session, session: Session, belongings: Belongings) {
    this.#url = url;
    this.#peer = peer;
    this.#third = third;
    this.session = session;
    this.belongings = belongings;
  }

  static async begin(url: string): Promise<Attacker> {
    const [peer, third, session] = await Promise.all([register(url), register(url), register(url)]);
    return new Attacker(url, peer, third, session, await belongingsOf(session, peer, third));
  }

  /** A new user in the place of the old one, with the same acquaintances. */
  async renew(): Promise<void> {
    this.session = await register(this.#url);
    this.belongings = await belongingsOf(this.session, this.#peer, this.#third);
  }

  /** Whom it has blocked on its way it could not write to. */
  async renewConversations(): Promise<void> {
    for (const { user_id } of [this.#peer, this.#third])
      await this.session.request("DELETE", `/api/blocks/${user_id}`);
    this.belongings = await belongingsOf(this.session, this.#peer, this.#third);
  }

  /** Sends a request with nothing put right on the way; rejects if it gets no answer. */
  send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    const { hostname, port } = new URL(this.#url);
    const own = (text: string) => fillIn(text, this.belongings);
    const options = {
      hostname,
      port,
      method,
      path: own(path),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, own(value)])),
      agent: this.#agent,
      timeout: TIMEOUT_MS,
    };
    return new Promise((resolve, reject) => {
      const request = http.request(options, async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: bodyOf(text) });
      });
      request.once("upgrade", (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: null });
      });
      request.once("error", reject);
      request.once("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      request.end(body === null ? undefined : own(body));
    });
  }

  stop(): void {
    this.#agent.destroy();
  }
}

async function belongingsOf(session: Session, peer: Session, third: Session): Promise<Belongings> {
  const { conversation_id } = await session.createOneOnOne(peer.user_id);
  const { message_id } = await peer.send(conversation_id, "something to refer to");
  const { conversation_id: group_id } = await session.createGroup("Group", [peer.user_id, third.user_id]);
  const { message_id: group_message_id } = await session.send(group_id, "something to change");
  const { code } = await session.call(inviteSchema, "POST", `/api/conversations/${group_id}/invites`, {});
  return {
    access_token: session.access_token,
    refresh_token: session.refresh_token ?? "",
    ticket: await session.ticket(),
    session_id: session.session_id,
    username: session.account.username,
    password: session.account.password,
    own_id: session.user_id,
    peer_id: peer.user_id,
    third_id: third.user_id,
    conversation_id,
    message_id,
    group_id,
    group_message_id,
    invite_code: code,
  };
}

function headersOf({ headersDistinct }: http.IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct);
  return new Headers(
    pairs.flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])),
  );
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
