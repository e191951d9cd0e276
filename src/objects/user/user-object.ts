import { generationSchema } from "../../config.ts";
import type { FriendAnswer, FriendChange, FriendNews } from "../../domain/friendship.ts";
import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import type { Identity } from "../../domain/identity.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { Conversation } from "../../protocol/conversation.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Typing } from "../../protocol/frames/typing-indicator.ts";
import { type Limits, parseLimits } from "../../protocol/limits.ts";
import type { ForwardedFrom, Message, MessageDraft, ReadResult, SentAck } from "../../protocol/message.ts";
import type { Presence } from "../../protocol/user.ts";
import type { GroupCommand, Joining, MessageCommand } from "../conversation/commands.ts";
import { AlarmClock } from "../runtime/alarm-clock.ts";
import { connectedFrame, errorFrame } from "../runtime/answers.ts";
import { FrameReader } from "../runtime/frame-reader.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import { isInitialized, migrate } from "../runtime/migrations.ts";
import { SocketSet } from "../runtime/sockets.ts";
import { closeStaleSockets, staleLookDueAt } from "../runtime/stale-sockets.ts";
import { readUpgrade, refuseUpgrade } from "../runtime/upgrade.ts";
import { type DeviceSocket, deviceSocketSchema, newSession } from "./attachment.ts";
import { handleText } from "./handlers.ts";
import { InboxEntryPoints, type InboxParts } from "./inbox-entry-points.ts";
import { userMigrations } from "./migrations.ts";
import { PeopleStore } from "./people-store.ts";
import type { PrivacyChange, SessionOpening, Spend, UserRpc } from "./rpc.ts";
import { SessionDesk } from "./session-desk.ts";
import { Sessions } from "./sessions.ts";
import { UserStore } from "./store.ts";
import { UserDesk } from "./user-desk.ts";

/** The parts that exist once the user has registered. */
interface Registered {
  readonly desk: UserDesk;
  readonly sessions: SessionDesk;
}

const UNAUTHENTICATED = refusal("unauthenticated");

/** The Durable Object of one user: its entry points. What they do is in `UserDesk` and `SessionDesk`. */
export class UserObject extends InboxEntryPoints implements UserRpc {
  readonly #limits: Limits;
  readonly #store: UserStore;
  readonly #people: PeopleStore;
  protected override readonly parts: InboxParts;
  readonly #sockets: SocketSet<DeviceSocket>;
  readonly #reader: FrameReader<DeviceSocket>;
  readonly #alarm: AlarmClock;
  /** Null until the first session; rebuilt from the tables. */
  #registered: Registered | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#limits = parseLimits({ ...env });
    this.#store = new UserStore(ctx.storage.sql);
    this.#people = new PeopleStore(ctx.storage.sql);
    this.parts = { store: this.#store, desk: () => this.#registered?.desk ?? null };
    this.#sockets = new SocketSet(ctx, deviceSocketSchema, this.#limits.max_devices);
    this.#reader = new FrameReader(this.#sockets, this.#limits, (session) => this.#left(session));
    this.#alarm = new AlarmClock(ctx);
    if (isInitialized(ctx.storage)) this.#load();
  }

  /** A verified upgrade from the Worker: opens a device socket, and pushes what the device has missed (DLV-1). */
  override async fetch(request: Request): Promise<Response> {
    const { identity, batch, last_sync_id, platform } = readUpgrade(request);
    const { device_id } = identity;
    if (!this.#registered) return refuseUpgrade(UNAUTHENTICATED);
    const { desk, sessions } = this.#registered;
    const now = Date.now();
    const cause = this.#sockets.refuse(identity.user_id) ?? sessions.admit(identity, "connection", now);
    if (cause) return refuseUpgrade(cause);
    const isKnown = this.#store.devices().has(device_id);
    sessions.keepDevice({ device_id, platform }, now);
    const session = newSession(identity, batch, now, desk.people.activeSince(device_id, now));
    const { response, socket, replaced } = this.#sockets.open(session);
    for (const older of replaced) desk.left(older, now);
    this.#reschedule(now);
    const { sync_id } = desk.book;
    sendText(socket, encodeFrame(connectedFrame(identity, this.#limits, now, { sync_id })));
    void desk.sync.start(socket, last_sync_id, !isKnown);
    desk.people.connected(socket);
    return response;
  }

  async openSession(opening: SessionOpening): Promise<void> {
    this.#register().sessions.keepDevice(opening, Date.now());
  }

  override async admit(identity: Identity, spend: Spend): Promise<Refusal | null> {
    return this.#registered ? this.#registered.sessions.admit(identity, spend, Date.now()) : UNAUTHENTICATED;
  }

  async issueTicket(identity: Identity): Promise<Result<{ ticket: string; expires_in: number }>> {
    const cause = await this.admit(identity, "request");
    return cause ? refused(cause) : accepted(await this.#known().sessions.issueTicket(identity));
  }

  async redeemTicket(ticket: string): Promise<Identity | null> {
    return this.#registered ? this.#registered.sessions.redeemTicket(ticket) : null;
  }

  async endSessions(session_ids: string[], close_code: number): Promise<void> {
    await this.#registered?.sessions.end(session_ids, close_code);
  }

  async admitConversationSocket(
    identity: Identity,
    conversation_id: string,
  ): Promise<Result<{ sync_id: number; read_receipts: boolean }>> {
    if (!this.#registered) return refused(UNAUTHENTICATED);
    const { desk, sessions } = this.#registered;
    // A conversation that is not in the inbox is made up, or left, or too new: asking it costs a request, and no row (LIM-2).
    if (!desk.isMember(conversation_id)) {
      const limit = sessions.admit(identity, "request", Date.now());
      if (limit) return refused(limit);
      const described = await this.env.CONVERSATIONS.getByName(conversation_id).describe(identity.user_id);
      if (!described.ok) return refused({ ...described.refusal });
    }
    // Last: a session that ended meanwhile could not reach a conversation of which nobody knew.
    const cause = sessions.admit(identity, "connection", Date.now());
    if (cause) return refused(cause);
    sessions.opensConversation(identity, conversation_id, Date.now());
    return accepted({ sync_id: desk.book.sync_id, read_receipts: desk.receipts.isOn });
  }

  async admitReader(identity: Identity): Promise<Result<{ read_receipts: boolean }>> {
    const cause = await this.admit(identity, "request");
    return cause ? refused(cause) : accepted({ read_receipts: this.#desk().receipts.isOn });
  }

  async grantAllowance(
    conversation_id: string,
    wanted: number,
  ): Promise<{ granted: number; retry_after_ms: number }> {
    return this.#desk().messages.lend(conversation_id, wanted);
  }

  async sendMessage(
    identity: Identity,
    conversation_id: string,
    draft: MessageDraft,
    forwarded_from?: ForwardedFrom,
    device_id?: string,
  ): Promise<Result<SentAck>> {
    const cause = await this.admit(identity, "request");
    if (cause) return refused(cause);
    this.#desk().activeOn(device_id ?? identity.device_id);
    return this.#desk().send(conversation_id, { device_id: device_id ?? null, draft, forwarded_from });
  }

  async changeMessage(
    identity: Identity,
    conversation_id: string,
    message_id: string,
    command: MessageCommand,
  ): Promise<Result<Message>> {
    const cause = await this.admit(identity, "request");
    return cause ? refused(cause) : this.#desk().changes.message(conversation_id, message_id, command);
  }

  async changeGroup(conversation_id: string, command: GroupCommand): Promise<Result<Conversation>> {
    return this.#desk().changes.group(conversation_id, command);
  }

  async acceptInvite(
    conversation_id: string,
    joining: Joining,
    secret: string,
  ): Promise<Result<Conversation>> {
    return this.#desk().changes.join(conversation_id, joining, secret);
  }

  async markRead(identity: Identity, conversation_id: string, seq: number): Promise<Result<ReadResult>> {
    const cause = await this.admit(identity, "request");
    if (cause) return refused(cause);
    this.#desk().activeOn(identity.device_id);
    return this.#desk().reads.read(conversation_id, seq);
  }

  async presence(viewer_id?: string): Promise<Presence> {
    const user_id = this.#userId();
    if (!this.#registered) return { user_id, status: "offline", last_seen_at: null, status_text: "" };
    const presence = this.#registered.desk.presence(Date.now());
    const hides = viewer_id !== user_id && this.#people.privacy().last_seen === "nobody";
    return hides ? { ...presence, last_seen_at: null } : presence;
  }

  async setStatusText(status_text: string): Promise<void> {
    this.#register().desk.setStatusText(status_text);
  }

  async setPrivacy({ version, ...privacy }: PrivacyChange): Promise<void> {
    const { desk, sessions } = this.#register();
    this.#people.putPrivacy(privacy, version);
    // Also a choice that was made before: what told of it may have been cut short, and the request is repeated (DLV-6).
    await desk.receipts.changed(sessions.openedConversations(Date.now()));
  }

  async friendChanged(change: FriendChange): Promise<void> {
    this.#register().desk.people.changed(change);
  }

  async friendPresence(news: FriendNews): Promise<FriendAnswer> {
    if (!this.#registered) return { status: "none", version: 0, presence: null };
    return this.#desk().people.received(news);
  }

  async handOver(handOver: HandOver): Promise<HandOverReceipt> {
    return this.#register().desk.handOver(handOver);
  }

  async showTyping(typing: Typing): Promise<boolean> {
    if (this.#sockets.isEmpty) return false;
    this.#desk().broadcast({ type: "TYPING_INDICATOR", payload: typing });
    return true;
  }

  async ping(): Promise<void> {
    this.ctx.storage.sql.exec("SELECT 1").toArray();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (!this.#sockets.sender(socket)) return;
    try {
      this.#sockets.noteAlive(socket, Date.now());
      handleText(message, socket, { desk: this.#desk(), sockets: this.#sockets, reader: this.#reader });
    } catch (error) {
      log("error", "frame failed", errorFields(error));
      sendText(socket, encodeFrame(errorFrame(refusal("internal"))));
    }
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#left(this.#sockets.closed(socket, code, reason));
  }

  override webSocketError(socket: WebSocket): void {
    this.#left(this.#sockets.remove(socket));
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    try {
      const closing = this.#registered?.sessions.closeConversationSockets();
      for (const { session, heard_at } of closeStaleSockets(this.#sockets, Date.now(), this.#limits)) {
        this.#desk().left(session, heard_at);
      }
      this.#registered?.desk.people.settle();
      // That a user is offline is remembered when its friends were told: until then this alarm is not done.
      await Promise.all([closing, this.#registered?.desk.people.whenTold()]);
    } catch (error) {
      log("error", "alarm failed", errorFields(error));
    }
    this.#reschedule(Date.now());
  }

  /** Something may come before the first session does: then the tables begin with that. */
  #register(): Registered {
    return this.#registered ?? this.#load();
  }

  #load(): Registered {
    migrate(this.ctx.storage, userMigrations);
    const user_id = this.#userId();
    const store = this.#store;
    const sockets = this.#sockets;
    const limits = this.#limits;
    const conversation = (id: string) => this.env.CONVERSATIONS.getByName(id);
    const alarmAt = (due_at: number | null) => this.#alarm.ensure(due_at);
    const common = { user_id, store, sockets, limits, conversation, alarmAt };
    const desk = new UserDesk({
      ...common,
      people: this.#people,
      friend: (friend_id) => this.env.USERS.getByName(friend_id),
      generation: generationSchema.parse(this.env.DATA_GENERATION),
    });
    const sessions = new SessionDesk({
      ...common,
      sessions: new Sessions(this.ctx.storage.sql, limits.socket_lifetime_ms),
      quota: desk.quota,
      sync_id: () => desk.book.sync_id,
      left: (session, seen_at) => desk.left(session, seen_at),
    });
    this.#registered = { desk, sessions };
    return this.#registered;
  }

  #known(): Registered {
    if (!this.#registered) throw new Error("the user has no session yet");
    return this.#registered;
  }

  #desk(): UserDesk {
    return this.#known().desk;
  }

  #userId(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("a user object is addressed by its user_id");
    return name;
  }

  #reschedule(now: number): void {
    const { heartbeat_timeout_ms } = this.#limits;
    // The looks of a device that has been connected for long are two timeouts apart: soon enough for a new one too.
    this.#alarm.ensure(staleLookDueAt(this.#sockets, now, heartbeat_timeout_ms), heartbeat_timeout_ms);
  }

  #left(session: DeviceSocket | undefined): void {
    if (session) this.#desk().left(session, Date.now());
  }
}
