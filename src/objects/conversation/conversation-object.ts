import type { DirectoryChange } from "../../domain/directory.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { Conversation as ConversationView } from "../../protocol/conversation.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { MarkStatus } from "../../protocol/frames/message-ack.ts";
import type { Invite } from "../../protocol/invite.ts";
import { type Limits, parseLimits } from "../../protocol/limits.ts";
import type { Message, SentAck } from "../../protocol/message.ts";
import { AlarmClock, earliest } from "../runtime/alarm-clock.ts";
import { connectedFrame, errorFrame } from "../runtime/answers.ts";
import { FrameReader } from "../runtime/frame-reader.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import { isInitialized, migrate } from "../runtime/migrations.ts";
import { RateBuckets } from "../runtime/rate-buckets.ts";
import { SocketSet } from "../runtime/sockets.ts";
import { closeStaleSockets, staleLookDueAt } from "../runtime/stale-sockets.ts";
import { readUpgrade, refuseUpgrade } from "../runtime/upgrade.ts";
import { Allowances } from "./allowances.ts";
import { type ConversationSocket, conversationSocketSchema, newSession } from "./attachment.ts";
import { Blocks } from "./blocks.ts";
import { Census } from "./census.ts";
import type { GroupCommand, InviteCommand, Joining, MemberAct, MessageCommand } from "./commands.ts";
import { markNow } from "./commit.ts";
import { Conversation } from "./conversation.ts";
import { asMember, ConversationReads, NOT_FOUND, type Reading } from "./conversation-reads.ts";
import { foundConversation, refuseSeed } from "./founding.ts";
import { changeGroup } from "./group-commands.ts";
import { type FrameContext, handleFrame } from "./handlers.ts";
import { acceptInvite, manageInvites } from "./invites.ts";
import { ackOf, recallMark } from "./kept-acks.ts";
import { changeMessage } from "./message-commands.ts";
import { conversationMigrations } from "./migrations.ts";
import { Outbox } from "./outbox.ts";
import type {
  ChangeOutcome,
  ConversationRpc,
  ConversationSeed,
  DeadLetter,
  MarkResult,
  Submission,
} from "./rpc.ts";
import { ConversationState } from "./state.ts";
import { ConversationStore } from "./store.ts";
import { vouch, vouchedSeq } from "./vouching.ts";

/** The Durable Object of one conversation: its entry points. What they do is in `Conversation`. */
export abstract class ConversationObject extends ConversationReads implements ConversationRpc {
  /** Where changes of the directory go; wired to D1 in `worker.ts`, since objects do not know the database. */
  protected abstract readonly publish: (change: DirectoryChange) => Promise<void>;

  readonly #limits: Limits;
  readonly #store: ConversationStore;
  readonly #sockets: SocketSet<ConversationSocket>;
  readonly #reader: FrameReader<ConversationSocket>;
  readonly #blocks: Blocks;
  readonly #outbox: Outbox;
  readonly #alarm: AlarmClock;
  readonly #allowances: Allowances;
  /** Read marks over conversation sockets, by user. */
  readonly #reads: RateBuckets;
  protected override readonly reading: Reading;
  /** Sessions that ended while this object was awake: an upgrade of theirs may still be on its way here (SEC-1). */
  readonly #endedSessions = new Set<string>();
  /** Null until the conversation is founded; rebuilt from the tables. */
  #conversation: Conversation | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#limits = parseLimits({ ...env });
    this.#store = new ConversationStore(ctx.storage.sql);
    this.#sockets = new SocketSet(ctx, conversationSocketSchema, this.#limits.max_devices);
    this.#blocks = new Blocks(ctx.storage.sql);
    this.#outbox = new Outbox(ctx.storage.sql, (change) => this.publish(change));
    this.#alarm = new AlarmClock(ctx);
    this.#allowances = new Allowances((user_id, wanted) => this.#askForMore(user_id, wanted));
    this.#reads = new RateBuckets(this.#limits.requests_burst, this.#limits.requests_per_second);
    this.#reader = new FrameReader(this.#sockets, this.#limits, (session) => this.#left(session));
    const census = new Census(async (user_id) => {
      const { status } = await this.env.USERS.getByName(user_id).presence();
      return status !== "offline";
    });
    this.reading = { store: this.#store, census, conversation: () => this.#conversation };
    if (isInitialized(ctx.storage)) this.#load();
  }

  /** A verified upgrade from the Worker: opens a conversation socket for a member. */
  override async fetch(request: Request): Promise<Response> {
    const { identity, batch, sync_id, read_receipts } = readUpgrade(request);
    const state = this.#conversation?.state;
    if (!state?.members.has(identity.user_id)) return refuseUpgrade(NOT_FOUND.refusal);
    if (this.#endedSessions.has(identity.session_id)) return refuseUpgrade(refusal("session_revoked"));
    const cause = this.#sockets.refuse(identity.user_id);
    if (cause) return refuseUpgrade(cause);
    const now = Date.now();
    const session = newSession(identity, batch, now);
    const { response, socket, replaced } = this.#sockets.open(session);
    for (const older of replaced) {
      const { device_id, acked_seq, acked_at } = older;
      if (device_id !== session.device_id) this.#left(older);
      else this.#sockets.update(socket, { ...session, acked_seq, acked_at });
    }
    if (read_receipts !== undefined)
      this.#founded().discretions.noteReceipts(identity.user_id, read_receipts);
    this.#reschedule();
    this.#serveAfterCrash(now);
    const place = {
      ...(sync_id !== undefined && { sync_id }),
      conversation_id: state.id,
      head_seq: state.head.seq,
    };
    sendText(socket, encodeFrame(connectedFrame(identity, this.#limits, now, place)));
    return response;
  }

  async create(
    seed: ConversationSeed,
  ): Promise<Result<{ conversation: ConversationView; created: boolean }>> {
    const created = this.#conversation === null;
    if (created) {
      const cause = refuseSeed(seed, this.#limits);
      if (cause) return refused(cause);
      foundConversation(this.ctx.storage, this.#store, this.#outbox, seed, Date.now());
      this.#load();
    }
    const { state, feeds } = this.#founded();
    const creator = state.members.get(seed.created_by);
    if (!creator) return NOT_FOUND;
    void this.#drainOutbox();
    await feeds.introduce(Date.now());
    return accepted({ conversation: state.viewFor(creator), created });
  }

  async submit(user_id: string, submissions: Submission[]): Promise<Result<SentAck>[]> {
    const conversation = this.#conversation;
    if (!conversation) return submissions.map(() => NOT_FOUND);
    const submitOne = (submission: Submission) =>
      new Promise<Result<SentAck>>((answer) =>
        conversation.enqueue({ kind: "draft", user_id, ...submission, socket: null, answer }),
      );
    return Promise.all(submissions.map(submitOne));
  }

  async mark(
    user_id: string,
    status: MarkStatus,
    seq: number,
    read_receipts?: boolean,
  ): Promise<Result<MarkResult>> {
    const conversation = this.#conversation;
    if (!conversation) return NOT_FOUND;
    if (read_receipts !== undefined) conversation.discretions.noteReceipts(user_id, read_receipts);
    return new Promise((answer) => conversation.enqueue({ ...markNow(user_id, status, seq), answer }));
  }

  async changeMessage(
    user_id: string,
    message_id: string,
    command: MessageCommand,
  ): Promise<Result<ChangeOutcome<Message>>> {
    return asMember(this.reading, user_id, (member) =>
      this.#founded().change((writer) => changeMessage(writer, member, message_id, command)),
    );
  }

  async changeGroup(
    user_id: string,
    command: GroupCommand,
  ): Promise<Result<ChangeOutcome<ConversationView>>> {
    const changed = asMember(this.reading, user_id, (member) =>
      this.#founded().change((writer) => changeGroup(writer, member, command)),
    );
    void this.#drainOutbox();
    if (!changed.ok) return changed;
    const { after, is_logged } = changed.value;
    return accepted({ after: after(), is_logged });
  }

  async manageInvites(user_id: string, command: InviteCommand): Promise<Result<Invite[]>> {
    return asMember(this.reading, user_id, (member) =>
      this.#founded().change((writer) => manageInvites(writer, member, command)),
    );
  }

  async acceptInvite(joining: Joining, secret: string): Promise<Result<ChangeOutcome<ConversationView>>> {
    const conversation = this.#conversation;
    if (!conversation) return NOT_FOUND;
    const joined = conversation.change((writer) => acceptInvite(writer, joining, secret));
    if (!joined.ok) return joined;
    void this.#drainOutbox();
    const described = await this.describe(joining.user_id);
    return described.ok ? accepted({ after: described.value, is_logged: joined.value }) : described;
  }

  async act(user_id: string, act: MemberAct): Promise<Refusal | null> {
    const conversation = this.#conversation;
    const member = conversation?.state.members.get(user_id);
    return conversation && member ? conversation.act(member, act, Date.now()) : NOT_FOUND.refusal;
  }

  async serve(user_id: string): Promise<boolean> {
    if (this.#conversation?.state.hears(user_id)) await this.#conversation.feeds.serve(user_id, Date.now());
    return this.#conversation?.state.members.has(user_id) === true;
  }

  async recallAllowance(user_id: string): Promise<number> {
    return this.#allowances.recall(user_id);
  }

  async endSessions(user_id: string, session_ids: string[], close_code: number): Promise<void> {
    for (const session_id of session_ids) this.#endedSessions.add(session_id);
    for (const [socket, session] of this.#sockets.entries()) {
      const isEnded = session.user_id === user_id && session_ids.includes(session.session_id);
      if (isEnded) this.#left(this.#sockets.close(socket, close_code, "session ended"));
    }
  }

  async setBlock(user_id: string, blocks: boolean): Promise<void> {
    if (this.#conversation) this.#blocks.set(this.#conversation.state, user_id, blocks);
  }

  async republish(user_id: string): Promise<boolean> {
    if (!this.#conversation?.republish(user_id)) return false;
    await this.#drainOutbox();
    return true;
  }

  async listDeadLetters(): Promise<DeadLetter[]> {
    return this.#conversation ? this.#outbox.deadLetters() : [];
  }

  async replayDeadLetters(): Promise<number> {
    const replayed = this.#conversation ? this.#outbox.replay(Date.now()) : 0;
    await this.#drainOutbox();
    return replayed;
  }

  async ping(): Promise<void> {
    this.ctx.storage.sql.exec("SELECT 1").toArray();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const session = this.#sockets.sender(socket);
    if (!session) return;
    try {
      this.#sockets.heard(socket, Date.now());
      this.#handle(socket, session, message);
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
      for (const { session } of closeStaleSockets(this.#sockets, Date.now(), this.#limits))
        this.#left(session);
      if (this.#conversation) {
        await Promise.all([
          this.#conversation.feeds.settle(Date.now()),
          this.#outbox.drain(() => Date.now()),
        ]);
      }
    } catch (error) {
      log("error", "alarm failed", errorFields(error));
    }
    this.#reschedule();
  }

  #handle(socket: WebSocket, session: ConversationSocket, message: string | ArrayBuffer): void {
    const conversation = this.#founded();
    const context: FrameContext = {
      conversation_id: conversation.state.id,
      allowances: this.#allowances,
      reply: (frame) => sendText(socket, encodeFrame(frame)),
      enqueue: (pending) => conversation.enqueue(pending),
      typing: (user_id, is_typing) => conversation.typing.say(user_id, is_typing, Date.now()),
      admitRead: (user_id) => this.#reads.take(user_id, Date.now()),
    };
    for (const frame of this.#reader.read(socket, message, context.reply)) {
      handleFrame(frame, session, socket, context);
    }
  }

  #load(): void {
    migrate(this.ctx.storage, conversationMigrations);
    const state = ConversationState.load(this.#store);
    if (!state) return;
    this.#blocks.load(state);
    for (const [, session] of this.#sockets.entries()) recallMark(state, session);
    this.#conversation = new Conversation(
      {
        storage: this.ctx.storage,
        store: this.#store,
        outbox: this.#outbox,
        sockets: this.#sockets,
        limits: this.#limits,
        refund: (user_id) => this.#allowances.refund(user_id),
        handOver: (user_id, handOver) => this.env.USERS.getByName(user_id).handOver(handOver),
        showTyping: (user_id, typing) => this.env.USERS.getByName(user_id).showTyping(typing),
        alarm: {
          alarmAt: (due_at) => this.#alarm.ensure(due_at),
          alarmWithSockets: (due_at) => {
            if (this.#sockets.isEmpty || !this.#alarm.isArmed) this.#alarm.ensure(due_at);
          },
          vouched: () => vouchedSeq(this.#sockets),
          vouch: (served_seq) => vouch(this.#sockets, served_seq),
        },
      },
      state,
    );
  }

  #founded(): Conversation {
    if (!this.#conversation) throw new Error("the conversation does not exist yet");
    return this.#conversation;
  }

  /** A socket has ended: what its device acknowledged goes to its user's object, unless that has it. */
  #left(session: ConversationSocket | undefined): void {
    if (!session || session.acked_seq === 0 || !this.#conversation) return;
    recallMark(this.#conversation.state, session);
    this.#conversation.feeds.forwardAck(session.user_id, ackOf(session), Date.now());
  }

  #askForMore(user_id: string, wanted: number) {
    return this.env.USERS.getByName(user_id).grantAllowance(this.#founded().state.id, wanted);
  }

  async #drainOutbox(): Promise<void> {
    if (this.#conversation) await this.#outbox.drain(() => Date.now());
    this.#reschedule();
  }

  /** An alarm that is still set tells of a commit; if nothing vouches that it was handed over, a crash may have come between. */
  #serveAfterCrash(now: number): void {
    const { feeds } = this.#founded();
    if (feeds.isUnsure && this.#alarm.isArmed) void feeds.settle(now);
  }

  #reschedule(): void {
    if (!this.#conversation) return;
    const now = Date.now();
    const { heartbeat_timeout_ms } = this.#limits;
    this.#alarm.ensure(
      earliest(this.#outbox.dueAt(now), staleLookDueAt(this.#sockets, now, heartbeat_timeout_ms)),
    );
    this.#conversation.feeds.arm();
  }
}
