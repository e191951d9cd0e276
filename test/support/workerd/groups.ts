import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import type { Identity } from "../../../src/domain/identity.ts";
import type { Result } from "../../../src/domain/result.ts";
import type {
  GroupCommand,
  InviteCommand,
  MessageCommand,
} from "../../../src/objects/conversation/commands.ts";
import type { Conversation, GroupUpdate, Member } from "../../../src/protocol/conversation.ts";
import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { Message } from "../../../src/protocol/message.ts";
import type { Role } from "../../../src/protocol/roles.ts";
import type { TestSocket } from "./test-socket.ts";
import { newUser } from "./world.ts";

/** A group whose members can be named in messages: `@u_0` is its owner, `@u_1` the next. */
export async function namedGroup(count: number) {
  const people = await newUsers(count);
  const conversation_id = newId();
  const members = people.map(({ user_id }, index) => ({
    user_id,
    username: `u_${index}`,
    role: index === 0 ? ("owner" as const) : ("member" as const),
  }));
  const [owner] = people;
  if (!owner) throw new Error("a group needs an owner");
  const seed = { conversation_id, type: "group", name: "Group", description: null } as const;
  const created = await env.CONVERSATIONS.getByName(conversation_id).create({
    ...seed,
    created_by: owner.user_id,
    members,
  });
  if (!created.ok) throw new Error(created.refusal.code);
  return { conversation_id, people };
}

export async function newUsers(count: number): Promise<Identity[]> {
  return Promise.all(Array.from({ length: count }, () => newUser()));
}

/** What a call was answered, without what RPC attaches to it; a refusal is thrown as its code. */
function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

/** The code with which something is refused; "accepted" if it is not. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "accepted",
    (error: Error) => error.message,
  );
}

/** What one user does in one conversation, straight at its object. */
export class Act {
  readonly #who: Identity;
  readonly #conversation_id: string;

  constructor(who: Identity, conversation_id: string) {
    this.#who = who;
    this.#conversation_id = conversation_id;
  }

  update(update: GroupUpdate) {
    return this.#group({ kind: "update", update });
  }

  add(...users: readonly Identity[]) {
    return this.#group({ kind: "add", joining: users.map(({ user_id }) => ({ user_id, username: "" })) });
  }

  addNamed(user: Identity, username: string) {
    return this.#group({ kind: "add", joining: [{ user_id: user.user_id, username }] });
  }

  remove({ user_id }: Identity) {
    return this.#group({ kind: "remove", user_id });
  }

  leave() {
    return this.remove(this.#who);
  }

  setRole({ user_id }: Identity, role: Role) {
    return this.#group({ kind: "set_role", user_id, role });
  }

  end() {
    return this.#group({ kind: "delete" });
  }

  edit(message_id: string, content: string) {
    return this.message(message_id, { kind: "edit", edit: { content } });
  }

  delete(message_id: string) {
    return this.message(message_id, { kind: "delete" });
  }

  react(message_id: string, emoji: string) {
    return this.message(message_id, { kind: "react", emoji });
  }

  unreact(message_id: string, emoji: string) {
    return this.message(message_id, { kind: "unreact", emoji });
  }

  pin(message_id: string) {
    return this.message(message_id, { kind: "pin" });
  }

  unpin(message_id: string) {
    return this.message(message_id, { kind: "unpin" });
  }

  async message(message_id: string, command: MessageCommand): Promise<Message> {
    const { after } = unwrap(await this.#object().changeMessage(this.#who.user_id, message_id, command));
    return structuredClone(after);
  }

  async invites(command: InviteCommand) {
    return structuredClone(unwrap(await this.#object().manageInvites(this.#who.user_id, command)));
  }

  async accept(secret: string): Promise<Conversation> {
    const joining = { user_id: this.#who.user_id, username: "" };
    return structuredClone(unwrap(await this.#object().acceptInvite(joining, secret)).after);
  }

  async describe(): Promise<Conversation> {
    return structuredClone(unwrap(await this.#object().describe(this.#who.user_id)));
  }

  async members(): Promise<Member[]> {
    return structuredClone(unwrap(await this.#object().listMembers(this.#who.user_id, { limit: 100 })).items);
  }

  async history(query: { after_seq?: number; before_seq?: number; limit?: number } = {}) {
    return structuredClone(unwrap(await this.#object().history(this.#who.user_id, { limit: 100, ...query })));
  }

  async pins(): Promise<Message[]> {
    return structuredClone(unwrap(await this.#object().pinned(this.#who.user_id, 100)));
  }

  #object() {
    return env.CONVERSATIONS.getByName(this.#conversation_id);
  }

  async #group(command: GroupCommand): Promise<Conversation> {
    return structuredClone(unwrap(await this.#object().changeGroup(this.#who.user_id, command)).after);
  }
}

export function as(who: Identity, conversation_id: string): Act {
  return new Act(who, conversation_id);
}

type EntryFrame = Extract<
  ServerFrame,
  { type: "MESSAGE_RECEIVE" | "MESSAGE_UPDATE" | "CONVERSATION_UPDATE" }
>;

/** The entries of a conversation that came over a socket, as they came. */
export function entriesOn(socket: TestSocket, conversation_id: string): EntryFrame[] {
  return socket.frames.filter(
    (frame): frame is EntryFrame =>
      (frame.type === "MESSAGE_RECEIVE" ||
        frame.type === "MESSAGE_UPDATE" ||
        frame.type === "CONVERSATION_UPDATE") &&
      frame.payload.conversation_id === conversation_id,
  );
}

/** Where they stand. */
export function seqsOn(socket: TestSocket, conversation_id: string): number[] {
  return entriesOn(socket, conversation_id).map(({ payload }) => payload.seq);
}

/** From one number to another, both included. */
export function fromTo(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** What a query finds in the tables of a conversation. */
export async function rowsOf(conversation_id: string, query: string): Promise<Record<string, unknown>[]> {
  return runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) =>
    state.storage.sql.exec(query).toArray(),
  );
}

/** All that its tables hold, as text. */
export async function everythingIn(conversation_id: string): Promise<string> {
  return runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
    const tables = state.storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray();
    return tables
      .map(({ name }) => JSON.stringify(state.storage.sql.exec(`SELECT * FROM "${name}"`).toArray()))
      .join("\n");
  });
}
