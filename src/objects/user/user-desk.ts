import { type HandedEntry, type HandOver, type HandOverReceipt, isOrigin } from "../../domain/hand-over.ts";
import type { Inbox } from "../../domain/inbox.ts";
import type { Result } from "../../domain/result.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { Limits } from "../../protocol/limits.ts";
import { messageSchema, type SentAck } from "../../protocol/message.ts";
import type { Presence } from "../../protocol/user.ts";
import type { ConversationRpc, Submission } from "../conversation/rpc.ts";
import { entryText } from "../runtime/entry-text.ts";
import { encodeFrame, FrameWriter } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import type { DeviceSocket } from "./attachment.ts";
import { Changes } from "./changes.ts";
import { DeviceSync } from "./device-sync.ts";
import { hiddenFrame, inboxFrame } from "./frames.ts";
import { InboxBook } from "./inbox-book.ts";
import { InboxSettingsDesk } from "./inbox-settings.ts";
import { takeIn } from "./intake.ts";
import { MarkCourier } from "./mark-courier.ts";
import { MessageQuota } from "./message-quota.ts";
import { People } from "./people.ts";
import type { PeopleStore } from "./people-store.ts";
import { presenceNow } from "./presence.ts";
import { Quota } from "./quota.ts";
import { ReadMarks } from "./read-marks.ts";
import { ReadReceipts } from "./read-receipts.ts";
import { RecentConversations } from "./recent.ts";
import type { UserRpc } from "./rpc.ts";
import { SpamWatch } from "./spam-watch.ts";
import type { UserStore } from "./store.ts";
import { Submitter } from "./submitter.ts";
import { UserTyping } from "./typing.ts";

/** A conversation that does not answer must not keep the others from a device for longer. */
const HELD_BACK_LIMIT_MS = 2_000;

export interface DeskContext {
  readonly user_id: string;
  readonly store: UserStore;
  readonly people: PeopleStore;
  readonly sockets: SocketSet<DeviceSocket>;
  readonly limits: Limits;
  /** See `InboxBook`. */
  readonly generation: number;
  readonly friend: (user_id: string) => Pick<UserRpc, "friendPresence">;
  /** Has the object's alarm fire at that time or before; null: there is nothing to do. */
  readonly alarmAt: (due_at: number | null) => void;
  readonly conversation: (
    conversation_id: string,
  ) => Pick<
    ConversationRpc,
    | "submit"
    | "changeMessage"
    | "changeGroup"
    | "acceptInvite"
    | "mark"
    | "readEntries"
    | "recallAllowance"
    | "serve"
    | "act"
  >;
}

/** A user at work: what its devices send and receive, its inbox, its marks and its limits. */
export class UserDesk {
  readonly quota: Quota;
  readonly messages: MessageQuota;
  readonly changes: Changes;
  readonly book: InboxBook;
  readonly reads: ReadMarks;
  readonly settings: InboxSettingsDesk;
  readonly typing: UserTyping;
  readonly receipts: ReadReceipts;
  readonly sync: DeviceSync;
  readonly people: People;
  readonly #context: DeskContext;
  readonly #submitter: Submitter;
  readonly #courier: MarkCourier;
  readonly #writer: FrameWriter;
  readonly #spam: SpamWatch;
  readonly #recent = new RecentConversations();

  constructor(context: DeskContext) {
    const { user_id, store, sockets, limits, conversation } = context;
    this.#context = context;
    this.quota = new Quota(limits, store.lastQuota());
    this.#spam = new SpamWatch(limits.conversations_per_text);
    this.messages = new MessageQuota(
      this.quota,
      limits.messages_per_minute,
      (id) => conversation(id).recallAllowance(user_id),
      (now) => this.#spam.retryMs(now),
    );
    this.changes = new Changes({ user_id, messages: this.messages, spam: this.#spam, conversation });
    this.book = new InboxBook(store, sockets, () => this.quota.snapshot(), context.generation);
    this.sync = new DeviceSync({
      book: this.book,
      fetchHeldBack: () => this.fetchHeldBack(),
      sockets,
      sync_push_limit: limits.sync_push_limit,
      readEntries: (id, device_id, stretch) => conversation(id).readEntries(user_id, device_id, stretch),
    });
    this.receipts = new ReadReceipts({ user_id, people: context.people, conversation });
    const show = (inbox: Inbox) => this.broadcast(inboxFrame(inbox));
    this.reads = new ReadMarks({ user_id, book: this.book, receipts: this.receipts, conversation, show });
    this.settings = new InboxSettingsDesk({ user_id, book: this.book, conversation, show });
    this.typing = new UserTyping({ user_id, book: this.book, quota: this.quota, conversation });
    this.#submitter = new Submitter((id, submissions) => conversation(id).submit(user_id, submissions));
    this.#courier = new MarkCourier((id) =>
      conversation(id).mark(user_id, "delivered", this.book.get(id)?.delivered_seq ?? 0, this.receipts.isOn),
    );
    this.#writer = new FrameWriter((socket) => sockets.session(socket)?.batch ?? false);
    this.people = new People({
      ...context,
      broadcast: (frame) => this.broadcast(frame),
      write: (socket, frame) => this.write(socket, frame),
    });
  }

  write(socket: WebSocket, frame: ServerFrame): void {
    this.#writer.write(socket, encodeFrame(frame));
  }

  /** As far as its inbox knows: the conversation may be made up, or left, or too new. */
  isMember(conversation_id: string): boolean {
    return this.book.get(conversation_id)?.left_seq === null;
  }

  /** Sends a message. */
  send(conversation_id: string, submission: Submission): Promise<Result<SentAck>> {
    const submit = () => this.#submitter.submit(conversation_id, submission);
    return this.#spam.guard(submission.draft.content, conversation_id, async () => {
      const result = await this.messages.spendOn(submit);
      if (result.ok) this.#recent.note(conversation_id, Date.now());
      return result;
    });
  }

  /**
   * Under load a conversation hands over in portions. Who asks now for what there is gets all of it: whatever was
   * acknowledged to anyone before (DLV-1, UNR-1). Null if no conversation can have more.
   */
  fetchHeldBack(): Promise<void> | null {
    const { conversation, user_id } = this.#context;
    const recent = this.#recent.list(Date.now());
    if (recent.length === 0) return null;
    const serving = recent.map((id) => withTimeLimit(conversation(id).serve(user_id), HELD_BACK_LIMIT_MS));
    return Promise.allSettled(serving).then(() => undefined);
  }

  /** Notes a device's cumulative ack; false if there is no such conversation for this user (DLV-2, DLV-5). */
  acknowledge(socket: WebSocket, session: DeviceSocket, conversation_id: string, seq: number): boolean {
    const inbox = this.book.get(conversation_id);
    if (!inbox) return false;
    this.book.ack(socket, session, inbox, seq, Date.now());
    const { delivered_seq } = this.book.get(conversation_id) ?? inbox;
    if (delivered_seq > inbox.delivered_seq) {
      this.#courier.delivered(conversation_id, inbox.type);
    }
    return true;
  }

  /** Takes in what a conversation hands over, and passes it to the connected devices. */
  handOver(handOver: HandOver): HandOverReceipt {
    const { user_id, store, sockets } = this.#context;
    const intake = takeIn(this.book, handOver, user_id, store.deviceIds(), Date.now());
    this.reads.noteArrivals(handOver.face.conversation_id, intake.fresh);
    for (const hidden of intake.hidden) this.broadcast(hiddenFrame(hidden));
    // Before the messages, which bear the same sync_id: a device that comes back with it is not told of the row again.
    if (intake.isRowNews) this.broadcast(inboxFrame(intake.inbox));
    const { conversation_id, sync_id } = intake.inbox;
    for (const [socket, session] of sockets.entries()) {
      if (this.sync.isCatchingUp(socket, conversation_id)) continue;
      for (const handed of intake.fresh) {
        if (isOrigin(handed, user_id, session.device_id)) {
          this.active(socket);
          continue;
        }
        this.#writer.write(socket, entryText(handed, { sync_id }));
      }
    }
    const read_receipts = this.receipts.isOn;
    for (const payload of handOver.ticks)
      if (read_receipts || payload.status !== "read") this.broadcast({ type: "MESSAGE_ACK", payload });
    this.#watchOwn(conversation_id, intake.fresh);
    // A hand-over that brings nothing new may come from a life that has ended, and then nobody hears the answer (DLV-5).
    if (intake.fresh.length > 0) this.#courier.rode(conversation_id);
    this.#recent.note(conversation_id, Date.now());
    return { ...intake.receipt, read_receipts, listening: !sockets.isEmpty };
  }

  /** What the user has written itself may have come over conversation sockets, which are lent no more to whoever sends spam. */
  #watchOwn(conversation_id: string, fresh: readonly HandedEntry[]): void {
    const { user_id } = this.#context;
    const own = fresh.filter(({ kind, sender_id }) => kind === "message" && sender_id === user_id);
    if (own.length === 0) return;
    const contents = () => own.map(({ payload }) => contentOf(payload));
    if (this.#spam.saw(conversation_id, contents, Date.now())) void this.messages.recallAll();
  }

  broadcast(frame: ServerFrame): void {
    const text = encodeFrame(frame);
    for (const [socket] of this.#context.sockets.entries()) this.#writer.write(socket, text);
  }

  setPresence(
    socket: WebSocket,
    session: DeviceSocket,
    status: DeviceSocket["status"],
    status_text: string | undefined,
  ): void {
    if (status !== session.status) this.#context.sockets.update(socket, { ...session, status });
    this.setStatusText(status_text);
  }

  /** Undefined: it stays. */
  setStatusText(status_text: string | undefined): void {
    const { store } = this.#context;
    if (status_text !== undefined && status_text !== store.user().status_text)
      store.setStatusText(status_text);
    this.broadcast({ type: "PRESENCE_UPDATE", payload: this.presence(Date.now()) });
    this.people.settle();
  }

  presence(now: number): Presence {
    return presenceNow(this.#context, now);
  }

  /** A device did something that did not come over its socket here. */
  activeOn(device_id: string): void {
    for (const [socket, session] of this.#context.sockets.entries())
      if (session.device_id === device_id) this.active(socket);
  }

  active(socket: WebSocket): void {
    this.#context.sockets.heard(socket, Date.now());
    this.people.active();
  }

  /** A device socket has ended: its acks and the time go into the tables. */
  left(session: DeviceSocket, seen_at: number): void {
    this.book.keepAcks(session);
    this.#context.store.setLastSeen(seen_at);
    this.people.settle();
  }
}

const sayingSchema = messageSchema.pick({ content: true });

function contentOf(payload: string): string {
  return sayingSchema.safeParse(JSON.parse(payload)).data?.content ?? "";
}
