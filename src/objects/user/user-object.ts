import { z } from "zod";
import { devicesToForget, isUseNews } from "../../domain/devices.ts";
import type { FriendAnswer, FriendChange, FriendNews } from "../../domain/friendship.ts";
import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import type { Identity } from "../../domain/identity.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { MAX_GENERATION } from "../../domain/sync-id.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { parseClientFrames } from "../../protocol/frames/client-frame.ts";
import type { Typing } from "../../protocol/frames/typing-indicator.ts";
import { type Limits, parseLimits } from "../../protocol/limits.ts";
import type { ForwardedFrom, MessageDraft, ReadResult, SentAck } from "../../protocol/message.ts";
import type { Presence } from "../../protocol/user.ts";
import { AlarmClock } from "../runtime/alarm-clock.ts";
import { connectedFrame, errorFrame } from "../runtime/answers.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import { isInitialized, migrate } from "../runtime/migrations.ts";
import { replyToClose, SocketSet } from "../runtime/sockets.ts";
import { closeStaleSockets, staleLookDueAt } from "../runtime/stale-sockets.ts";
import { callWithRetry } from "../runtime/time-limit.ts";
import { readUpgrade, refuseUpgrade } from "../runtime/upgrade.ts";
import { type DeviceSocket, deviceSocketSchema } from "./attachment.ts";
import { handleFrame, isUse } from "./handlers.ts";
import { InboxEntryPoints, type InboxParts } from "./inbox-entry-points.ts";
import { userMigrations } from "./migrations.ts";
import { PeopleStore } from "./people-store.ts";
import type { PrivacyChange, SessionOpening, Spend, UserRpc } from "./rpc.ts";
import { Sessions } from "./sessions.ts";
import { UserStore } from "./store.ts";
import { hashTicket, newTicket } from "./ticket.ts";
import { UserDesk } from "./user-desk.ts";

/** The parts that exist once the user has registered. */
interface Registered {
  readonly desk: UserDesk;
  readonly sessions: Sessions;
}

const UNAUTHENTICATED = refusal("unauthenticated");

const generationSchema = z.coerce.number().int().min(0).max(MAX_GENERATION).default(0);

/** When closing a conversation socket failed, it is tried again after this. */
const CLOSE_AGAIN_MS = 500;

/** The Durable Object of one user: its entry points. What they do is in `UserDesk` and `Sessions`. */
export class UserObject extends InboxEntryPoints implements UserRpc {
  readonly #limits: Limits;
  readonly #store: UserStore;
  readonly #people: PeopleStore;
  protected override readonly parts: InboxParts;
  readonly #sockets: SocketSet<DeviceSocket>;
  readonly #alarm: AlarmClock;
  /** Null until the first session; rebuilt from the tables. */
  #registered: Registered | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#limits = parseLimits({ ...env });
    this.#store = new UserStore(ctx.storage.sql);
    this.#people = new PeopleStore(ctx.storage.sql);
    this.parts = { store: this.#store, desk: () => this.#registered?.desk ?? null };
    this.#sockets = new SocketSet(ctx, deviceSocketSchema);
    this.#alarm = new AlarmClock(ctx);
    if (isInitialized(ctx.storage)) this.#load();
  }

  /** A verified upgrade from the Worker: opens a device socket, and pushes what the device has missed (DLV-1). */
  override async fetch(request: Request): Promise<Response> {
    const { identity, batch, last_sync_id, platform } = readUpgrade(request);
    const now = Date.now();
    const cause = this.#refuseSession(identity.session_id) ?? this.#desk().quota.takeConnection(now);
    if (cause) return refuseUpgrade(cause);
    const isKnown = this.#store.devices().has(identity.device_id);
    this.#keepDevice(identity.device_id, platform, now);
    const session: DeviceSocket = {
      v: 1,
      ...identity,
      batch,
      connected_at: now,
      active_at: this.#desk().people.activeSince(identity.device_id, now),
      status: "online",
      acked: {},
      acked_at: {},
    };
    const { response, socket, replaced } = this.#sockets.open(session);
    for (const older of replaced) this.#desk().left(older, now);
    this.#reschedule(now);
    const { sync_id } = this.#desk().book;
    sendText(socket, encodeFrame(connectedFrame(identity, this.#limits, now, { sync_id })));
    void this.#desk().sync.start(socket, last_sync_id, !isKnown);
    this.#desk().people.connected(socket);
    return response;
  }

  async openSession({ device_id, platform }: SessionOpening): Promise<void> {
    if (!this.#registered) this.#load();
    this.#keepDevice(device_id, platform, Date.now());
  }

  override async admit(identity: Identity, spend: Spend): Promise<Refusal | null> {
    const cause = this.#refuseSession(identity.session_id);
    if (cause) return cause;
    const { quota } = this.#desk();
    const now = Date.now();
    switch (spend) {
      case "group":
        return quota.takeGroup(now);
      case "search":
        return quota.takeSearch(identity.session_id, now);
      case "request":
        return quota.takeRequest(identity.session_id, now);
    }
  }

  async issueTicket(identity: Identity): Promise<Result<{ ticket: string; expires_in: number }>> {
    const cause = await this.admit(identity, "request");
    if (cause) return refused(cause);
    const ticket = newTicket(this.#userId());
    const hash = await hashTicket(ticket);
    const now = Date.now();
    const expires_in = this.#limits.ticket_seconds;
    this.#registered?.sessions.putTicket(hash, identity, now + expires_in * 1000, now);
    return accepted({ ticket, expires_in });
  }

  async redeemTicket(ticket: string): Promise<Identity | null> {
    const hash = await hashTicket(ticket);
    const found = this.#registered?.sessions.takeTicket(hash, Date.now());
    return found ? { user_id: this.#userId(), ...found } : null;
  }

  async endSessions(session_ids: string[], close_code: number): Promise<void> {
    if (!this.#registered) return;
    const now = Date.now();
    this.#registered.sessions.revoke(session_ids, close_code, now);
    for (const [socket, session] of this.#sockets.entries()) {
      if (!session_ids.includes(session.session_id)) continue;
      this.#sockets.close(socket, close_code, "session ended");
      this.#desk().left(session, now);
    }
    await this.#closeConversationSockets();
  }

  async admitConversationSocket(
    identity: Identity,
    conversation_id: string,
  ): Promise<Result<{ allowance: number; sync_id: number; read_receipts: boolean }>> {
    const cause = this.#refuseSession(identity.session_id) ?? this.#desk().quota.takeConnection(Date.now());
    if (cause) return refused(cause);
    // A conversation that is not in the inbox is made up, or left, or too new: asking it costs no row (LIM-2).
    const row = this.#desk().book.get(conversation_id);
    if (!row || row.left_seq !== null) {
      const described = await this.env.CONVERSATIONS.getByName(conversation_id).describe(identity.user_id);
      if (!described.ok) return refused({ ...described.refusal });
    }
    this.#registered?.sessions.opensConversation(identity.session_id, conversation_id);
    const allowance = await this.#desk().messages.lendFirst(conversation_id);
    const { book, receipts } = this.#desk();
    return accepted({ allowance, sync_id: book.sync_id, read_receipts: receipts.isOn });
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
  ): Promise<Result<SentAck>> {
    const cause = await this.admit(identity, "request");
    if (cause) return refused(cause);
    const { device_id } = identity;
    this.#desk().activeOn(device_id);
    return this.#desk().send(conversation_id, { device_id, draft, forwarded_from });
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
    if (!this.#registered) this.#load();
    this.#desk().setStatusText(status_text);
  }

  async setPrivacy({ version, ...privacy }: PrivacyChange): Promise<void> {
    if (!this.#registered) this.#load();
    const { receipts } = this.#desk();
    const before = receipts.isOn;
    this.#people.putPrivacy(privacy, version);
    if (receipts.isOn !== before)
      await receipts.changed(this.#registered?.sessions.openedConversations() ?? []);
  }

  async friendChanged(change: FriendChange): Promise<void> {
    if (!this.#registered) this.#load();
    this.#desk().people.changed(change);
  }

  async friendPresence(news: FriendNews): Promise<FriendAnswer> {
    if (!this.#registered) return { status: "none", version: 0, presence: null };
    return this.#desk().people.received(news);
  }

  async handOver(handOver: HandOver): Promise<HandOverReceipt> {
    if (!this.#registered) this.#load();
    return this.#desk().handOver(handOver);
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
      this.#handle(socket, message);
    } catch (error) {
      log("error", "frame failed", errorFields(error));
      sendText(socket, encodeFrame(errorFrame(refusal("internal"))));
    }
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#left(socket);
    replyToClose(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#left(socket);
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    try {
      const closing = this.#closeConversationSockets();
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

  #handle(socket: WebSocket, message: string | ArrayBuffer): void {
    const desk = this.#desk();
    const { max_frame_bytes } = this.#limits;
    const batch = this.#sockets.sender(socket)?.batch ?? false;
    for (const parsed of parseClientFrames(message, { max_frame_bytes, batch })) {
      if (parsed.ok && isUse(parsed.frame)) this.#sockets.heard(socket, Date.now());
      // Read anew for each frame: the one before may have changed it.
      const session = this.#sockets.sender(socket);
      if (!session) return;
      if (parsed.ok) handleFrame(parsed.frame, socket, session, desk, (frame) => desk.write(socket, frame));
      else {
        desk.write(socket, errorFrame(parsed.refusal, parsed));
        // A newer client may speak of what this server does not know yet.
        if (parsed.refusal.code !== "unknown_type") this.#sockets.violated(socket, Date.now());
      }
    }
    // After the frames: what they say of their user comes first.
    desk.people.active();
  }

  #load(): void {
    migrate(this.ctx.storage, userMigrations);
    const desk = new UserDesk({
      user_id: this.#userId(),
      store: this.#store,
      people: this.#people,
      friend: (user_id) => this.env.USERS.getByName(user_id),
      alarmAt: (due_at) => this.#alarm.ensure(due_at),
      sockets: this.#sockets,
      limits: this.#limits,
      generation: generationSchema.parse(this.env.DATA_GENERATION),
      conversation: (conversation_id) => this.env.CONVERSATIONS.getByName(conversation_id),
    });
    this.#registered = { desk, sessions: new Sessions(this.ctx.storage.sql) };
  }

  #desk(): UserDesk {
    if (!this.#registered) throw new Error("the user has no session yet");
    return this.#registered.desk;
  }

  #userId(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("a user object is addressed by its user_id");
    return name;
  }

  #refuseSession(session_id: string): Refusal | null {
    return this.#registered ? this.#registered.sessions.refuse(session_id) : UNAUTHENTICATED;
  }

  /** Keeps the device among the known ones; past the limit another gives way. A device that comes back soon costs no row. */
  #keepDevice(device_id: string, platform: SessionOpening["platform"], now: number): void {
    if (!isUseNews(this.#store.devices().get(device_id), platform, now)) return;
    this.#store.putDevice(device_id, platform, now);
    const connected = new Set([...this.#sockets.entries()].map(([, session]) => session.device_id));
    const { max_devices: max } = this.#limits;
    const known = [...this.#store.devices().values()];
    for (const other of devicesToForget(known, { used: device_id, connected, max }))
      this.#store.deleteDevice(other);
  }

  /** Takes the end of sessions to the conversations in which they may have sockets; what fails is tried again (SEC-1). */
  async #closeConversationSockets(): Promise<void> {
    const { sessions } = this.#registered ?? {};
    const owed = sessions?.owedClosings() ?? [];
    const closings = owed.map(async (closing) => {
      const { conversation_id, session_id, close_code } = closing;
      const conversation = () => this.env.CONVERSATIONS.getByName(conversation_id);
      await callWithRetry(() => conversation().endSessions(this.#userId(), [session_id], close_code));
      sessions?.closed(closing);
    });
    const failed = (await Promise.allSettled(closings)).filter(({ status }) => status === "rejected");
    if (failed.length === 0) return;
    log("error", "conversation sockets of ended sessions not closed", { count: failed.length });
    this.#alarm.ensure(Date.now() + CLOSE_AGAIN_MS);
  }

  #reschedule(now: number): void {
    const { heartbeat_timeout_ms } = this.#limits;
    // The looks of a device that has been connected for long are two timeouts apart: soon enough for a new one too.
    this.#alarm.ensure(staleLookDueAt(this.#sockets, now, heartbeat_timeout_ms), heartbeat_timeout_ms);
  }

  #left(socket: WebSocket): void {
    const session = this.#sockets.remove(socket);
    if (session) this.#desk().left(session, Date.now());
  }
}
