import type { Identity } from "../../src/domain/identity.ts";
import type { Result } from "../../src/domain/result.ts";
import type {
  GroupCommand,
  InviteCommand,
  Joining,
  MessageCommand,
} from "../../src/objects/conversation/commands.ts";
import type { ConversationRpc, ConversationSeed } from "../../src/objects/conversation/rpc.ts";
import type { StoredInboxRow, UserRpc } from "../../src/objects/user/rpc.ts";
import type { Conversation, Member } from "../../src/protocol/conversation.ts";
import type { Refusal } from "../../src/protocol/errors.ts";
import type { InboxSettings } from "../../src/protocol/inbox.ts";
import type { Invite } from "../../src/protocol/invite.ts";
import type {
  HistoryPage,
  HistoryQuery,
  MessageDraft,
  ReadResult,
  SentAck,
} from "../../src/protocol/message.ts";
import { UPGRADE_HEADER, type Upgrade } from "../../src/protocol/upgrade.ts";
import { ClientSocket } from "./platform/connection.ts";
import type { Namespace } from "./platform/platform.ts";

interface Upgradable {
  fetch(request: Request): Promise<Response>;
}

/** What the Worker calls. */
export interface Bindings {
  readonly USERS: Namespace<UserRpc & Upgradable>;
  readonly CONVERSATIONS: Namespace<ConversationRpc & Upgradable>;
}

/** The Worker turned a request down, as it tells a client. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** There is no such conversation for who asks. */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof Refused && error.refusal.code === "conversation_not_found";
}

/** What was asked for is not done, and will not be; of what is only unavailable nobody knows. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Refused && error.refusal.code !== "unavailable";
}

export interface ConnectOptions {
  readonly batch: boolean;
  readonly last_sync_id: number | null;
}

const PAGE = 100;

/** The Worker's part: what it asks of which object for each request of a client (src/routes). It keeps nothing. */
export class Worker {
  readonly #env: Bindings;

  constructor(env: Bindings) {
    this.#env = env;
  }

  openSession(identity: Identity): Promise<void> {
    const { session_id, device_id } = identity;
    return this.#user(identity.user_id).openSession({ session_id, device_id, platform: null });
  }

  async createConversation(seed: ConversationSeed): Promise<void> {
    unwrap(await this.#conversation(seed.conversation_id).create(seed));
  }

  async openDeviceSocket(identity: Identity, options: ConnectOptions): Promise<ClientSocket> {
    return openSocket(this.#user(identity.user_id), { ...upgradeOf(identity), ...options });
  }

  async openConversationSocket(
    identity: Identity,
    conversation_id: string,
    options: ConnectOptions,
  ): Promise<ClientSocket> {
    const user = this.#user(identity.user_id);
    const admitted = unwrap(await user.admitConversationSocket(identity, conversation_id));
    const upgrade = { ...upgradeOf(identity), ...options, ...admitted, conversation_id };
    return openSocket(this.#conversation(conversation_id), upgrade);
  }

  async send(identity: Identity, conversation_id: string, draft: MessageDraft): Promise<SentAck> {
    const { user_id, device_id } = identity;
    return unwrap(
      await this.#user(user_id).sendMessage(identity, conversation_id, draft, undefined, device_id),
    );
  }

  async read(identity: Identity, conversation_id: string, seq: number): Promise<ReadResult> {
    return unwrap(await this.#user(identity.user_id).markRead(identity, conversation_id, seq));
  }

  async history(identity: Identity, conversation_id: string, query: HistoryQuery): Promise<HistoryPage> {
    return unwrap(await this.#conversation(conversation_id).history(identity.user_id, query));
  }

  async listInbox(identity: Identity): Promise<StoredInboxRow[]> {
    return unwrap(await this.#user(identity.user_id).listInbox(identity, { limit: PAGE })).items;
  }

  async changeSettings(
    identity: Identity,
    conversation_id: string,
    settings: InboxSettings,
  ): Promise<StoredInboxRow> {
    return unwrap(await this.#user(identity.user_id).changeSettings(identity, conversation_id, settings));
  }

  async listMembers(identity: Identity, conversation_id: string): Promise<Member[]> {
    const conversation = this.#conversation(conversation_id);
    return unwrap(await conversation.listMembers(identity.user_id, { limit: PAGE })).items;
  }

  async changeMessage(
    identity: Identity,
    conversation_id: string,
    message_id: string,
    command: MessageCommand,
  ) {
    const user = this.#user(identity.user_id);
    return unwrap(await user.changeMessage(identity, conversation_id, message_id, command));
  }

  /** Deletes a message for the one who asks alone. */
  async hide(identity: Identity, conversation_id: string, message_id: string): Promise<void> {
    const conversation = this.#conversation(conversation_id);
    const cause = await conversation.act(identity.user_id, { kind: "hide", message_id });
    if (cause) throw new Refused({ ...cause });
  }

  async manageInvites(
    identity: Identity,
    conversation_id: string,
    command: InviteCommand,
  ): Promise<Invite[]> {
    return unwrap(await this.#conversation(conversation_id).manageInvites(identity.user_id, command));
  }

  async acceptInvite(conversation_id: string, joining: Joining, secret: string): Promise<Conversation> {
    return unwrap(await this.#user(joining.user_id).acceptInvite(conversation_id, joining, secret));
  }

  async changeGroup(
    identity: Identity,
    conversation_id: string,
    command: GroupCommand,
  ): Promise<Conversation> {
    return unwrap(await this.#user(identity.user_id).changeGroup(conversation_id, command));
  }

  async describe(user_id: string, conversation_id: string): Promise<Conversation> {
    return unwrap(await this.#conversation(conversation_id).describe(user_id));
  }

  #user(user_id: string) {
    return this.#env.USERS.getByName(user_id);
  }

  #conversation(conversation_id: string) {
    return this.#env.CONVERSATIONS.getByName(conversation_id);
  }
}

function upgradeOf(identity: Identity): Upgrade {
  return { identity, platform: null, last_sync_id: null, batch: false, request_id: "simulation" };
}

async function openSocket(object: Upgradable, upgrade: Upgrade): Promise<ClientSocket> {
  const headers = { Upgrade: "websocket", [UPGRADE_HEADER]: JSON.stringify(upgrade) };
  const reply = await object.fetch(new Request("https://object.internal/", { headers }));
  const { webSocket }: { readonly webSocket?: unknown } = reply;
  if (webSocket instanceof ClientSocket) return webSocket;
  throw new Error(`no upgrade: ${reply.status}`);
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refused(result.refusal);
}
