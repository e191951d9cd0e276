import { CLOSE } from "../src/protocol/close-codes.ts";
import type { ClientFrame } from "../src/protocol/frames/client-frame.ts";
import type { SentAck } from "../src/protocol/message.ts";
import type { Platform } from "../src/protocol/session.ts";
import type { ClientEvents } from "./client-events.ts";
import type { Emitter } from "./emitter.ts";
import type { Cancel, Environment } from "./environment.ts";
import { UimError } from "./errors.ts";
import type { Api } from "./http/api.ts";
import { type NewMessage, Outbox, type OutMessage } from "./outbox/outbox.ts";
import { judgeRefusal } from "./outbox/policy.ts";
import { Sender } from "./outbox/sender.ts";
import { PresenceBook } from "./state/presence-book.ts";
import { TypingClock } from "./state/typing-clock.ts";
import { Keeper } from "./storage/keeper.ts";
import type { ClientStorage } from "./storage/storage.ts";
import { Acker, readMarkOf } from "./sync/acker.ts";
import { GapFiller } from "./sync/gap-filler.ts";
import { InboxLoader } from "./sync/inbox-loader.ts";
import { ProfileLoader } from "./sync/profile-loader.ts";
import { Replica, type Way } from "./sync/replica.ts";
import type { ConnectionState } from "./transport/connection.ts";
import { Sockets } from "./transport/sockets.ts";
import type { ErrorFrame, IncomingFrame } from "./wire/server-frame.ts";

export interface EngineContext {
  readonly environment: Environment;
  readonly api: Api;
  readonly refresh: () => Promise<unknown>;
  readonly emitter: Emitter<ClientEvents>;
  readonly storage: ClientStorage;
  readonly user_id: string;
  readonly device_id: string | null;
  readonly platform: Platform | null;
  readonly cached_messages: number;
  readonly fill_gaps_up_to: number;
  /** What is shown of these conversations has changed, of the inbox, of presence, of typing, of the outbox, of the connection. */
  readonly changed: (what: Changed) => void;
}

export interface Changed {
  readonly conversations?: Iterable<string>;
  readonly inbox?: boolean;
  readonly presence?: boolean;
  readonly typing?: boolean;
  readonly outbox?: boolean;
  readonly connection?: boolean;
}

/** One signed-in user at work: sockets, outbox, sync and storage, and what ties them together. */
export class Engine {
  readonly replica: Replica;
  readonly outbox = new Outbox();
  readonly sender: Sender;
  readonly keeper: Keeper;
  readonly presence: PresenceBook;
  readonly #context: EngineContext;
  readonly #acker: Acker;
  readonly #filler: GapFiller;
  readonly #inboxLoader: InboxLoader;
  readonly #profiles: ProfileLoader;
  readonly #sockets: Sockets;
  readonly #typing: TypingClock;
  readonly #onSynced = new Set<() => void>();
  #isEnded = false;
  #isSynced = false;
  /** What came over this device's socket before it was synced: on a `reset` only that is still true. */
  #fresh: IncomingFrame[] = [];

  constructor(context: EngineContext) {
    const { environment, api, storage, user_id, cached_messages, fill_gaps_up_to } = context;
    this.#context = context;
    this.replica = new Replica(user_id);
    const failed = (error: unknown) => context.emitter.emit("error", error);
    const { replica, outbox } = this;
    this.keeper = new Keeper({ environment, storage, replica, outbox, cached_messages, failed });
    this.sender = new Sender({
      environment,
      outbox,
      wayTo: (conversation_id) => this.#sockets.wayTo(conversation_id),
      isAlive: (socket) => this.#sockets.isAlive(socket),
      changed: (message) => this.#outboxChanged(message),
    });
    this.presence = new PresenceBook(environment, () => context.changed({ presence: true }));
    this.#acker = new Acker({
      environment,
      replica,
      way: () => this.#sockets.deviceWay(),
      keep: () => this.keeper.flush(),
    });
    this.#filler = new GapFiller({
      environment,
      replica,
      fill_gaps_up_to,
      isOnline: () => this.#sockets.device.isConnected,
      history: (conversation_id, request) => api.history(conversation_id, request),
      filled: () => this.apply(),
      failed,
    });
    this.#inboxLoader = new InboxLoader({
      environment,
      replica,
      keeper: this.keeper,
      isOnline: () => this.#sockets.device.isConnected,
      fetchPage: api.inbox,
      taken: () => this.apply(),
      loaded: () => context.changed({ inbox: true }),
      failed,
    });
    this.#profiles = new ProfileLoader(replica, api.users, () => this.apply());
    this.#typing = new TypingClock(environment, replica, (conversation_id) =>
      context.changed({ conversations: [conversation_id], typing: true }),
    );
    this.#sockets = new Sockets({
      ...context,
      last_sync_id: () => this.keeper.last_sync_id,
      deviceFrames: (frames) => this.#deviceFrames(frames),
      conversationFrames: (frames) => this.#frames(frames, "conversation"),
      deviceChanged: (state) => this.#deviceChanged(state),
      conversationChanged: () => this.sender.pump(),
      fault: (what) => failed(new UimError("bad_answer", what)),
    });
  }

  get connection(): ConnectionState {
    return this.#sockets.device.state;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get isInboxLoaded(): boolean {
    return this.#inboxLoader.isLoaded;
  }

  async restore(): Promise<void> {
    await this.keeper.restore();
    this.#inboxLoader.restored();
    this.#profiles.restored(this.replica.inbox.rows().flatMap(({ peer }) => peer?.user_id ?? []));
  }

  start(): void {
    this.#sockets.start();
  }

  stop(): void {
    this.#sockets.stop();
    this.presence.disconnected();
    this.#typing.stop();
    this.sender.stop();
    this.#acker.stop();
    void this.keeper.flush();
  }

  /** Ends for good: what was not written yet, and what comes late, is neither kept nor told. Resolves when nothing is written any more. */
  end(): Promise<void> {
    this.#isEnded = true;
    const closed = this.keeper.close();
    this.stop();
    this.sender.end();
    return closed;
  }

  /** Calls back whenever everything missed has come. */
  whenSynced(listener: () => void): Cancel {
    this.#onSynced.add(listener);
    return () => this.#onSynced.delete(listener);
  }

  /** Opens the shortest path to a conversation. */
  openSocket(conversation_id: string): void {
    this.#sockets.open(conversation_id);
  }

  closeSocket(conversation_id: string): void {
    this.#sockets.close(conversation_id);
  }

  /** Says something that needs no answer; false if nobody is there to hear it. */
  say(conversation_id: string | null, frame: ClientFrame): boolean {
    const way = conversation_id === null ? this.#sockets.deviceWay() : this.#sockets.wayTo(conversation_id);
    way?.send([frame]);
    return way !== null;
  }

  send(message: NewMessage): Promise<SentAck> {
    return this.sender.put(message);
  }

  markRead(conversation_id: string, seq: number): void {
    if (!this.replica.read(conversation_id, seq)) return;
    this.#acker.noteRead(conversation_id);
    this.apply();
  }

  /** Does what follows from what was taken in. */
  apply(): void {
    if (this.#isEnded) return;
    const { emitter, changed } = this.#context;
    const notes = this.replica.takeNotes();
    for (const client_message_id of notes.settled) this.#settledElsewhere(client_message_id);
    this.keeper.note(notes);
    this.#acker.noteReceived(notes.unacked);
    this.#filler.check(notes.conversations);
    for (const conversation_id of notes.left) this.closeSocket(conversation_id);
    for (const conversation_id of notes.conversations) this.#trim(conversation_id);
    for (const { conversation_id, seq } of notes.incomplete) void this.#readAgain(conversation_id, seq);
    this.#profiles.meet(notes.strangers);
    changed({
      conversations: notes.changed,
      inbox: notes.isInboxChanged,
      typing: notes.isTypingChanged,
    });
    for (const event of notes.events) {
      if (event.name === "change") emitter.emit("change", event.value);
      else emitter.emit(event.name, event.value);
    }
    for (const friend of notes.friends) emitter.emit("friend", friend);
  }

  /** Of what nobody looks at, memory holds no more than the storage does. */
  #trim(conversation_id: string): void {
    const { log, isLookedAt } = this.replica.conversation(conversation_id);
    const { cached_messages } = this.#context;
    if (!isLookedAt && log.size > 2 * cached_messages) log.keep([], cached_messages);
  }

  #deviceChanged(state: ConnectionState): void {
    if (state.phase === "connected") this.keeper.takeBack();
    else {
      this.#isSynced = false;
      this.presence.disconnected();
    }
    if (state.phase === "stopped" && state.close_code === CLOSE.replaced) this.keeper.giveWay();
    if (state.phase === "connecting") {
      this.#fresh = [];
      this.#inboxLoader.connecting();
    }
    this.#context.changed({ connection: true });
    this.sender.pump();
  }

  #deviceFrames(frames: readonly IncomingFrame[]): void {
    for (const frame of frames) {
      if (!this.#isSynced) this.#fresh.push(frame);
      if (frame.type === "CONNECTED") {
        this.presence.connected();
        this.#inboxLoader.connected();
      }
      if (frame.type === "SYNC_COMPLETE")
        this.#syncComplete(frame.payload.sync_id, frame.payload.reset === true);
    }
    this.#frames(frames, "device");
  }

  #frames(frames: readonly IncomingFrame[], way: Way): void {
    const { emitter, environment } = this.#context;
    for (const frame of frames) {
      if (frame.type === "CONNECTED") this.sender.limits = frame.payload.limits;
      if (frame.type === "MESSAGE_ACK" && frame.payload.status === "sent") this.#acknowledged(frame.payload);
      else if (frame.type === "ERROR") this.#refused(frame);
      else this.replica.takeFrame(frame, way, environment.now());
      if (frame.type === "TYPING_INDICATOR") emitter.emit("typing", frame.payload);
      if (frame.type === "PRESENCE_UPDATE") {
        this.presence.take(frame.payload);
        emitter.emit("presence", frame.payload);
      }
    }
    this.apply();
    this.#typing.wind();
    this.sender.pump();
  }

  #refused(frame: ErrorFrame): void {
    this.sender.refused(frame);
    const conversation_id = readMarkOf(frame.request_id);
    const isFinal = judgeRefusal(frame.payload.code, 1, null, 0).kind === "fail";
    // A mark that is never taken must not be told for ever.
    if (conversation_id !== null && isFinal) this.replica.forgetRead(conversation_id);
  }

  #acknowledged(ack: SentAck): void {
    const message = this.outbox.get(ack.client_message_id);
    // It is in the log before it leaves the outbox: whoever looks meanwhile sees it in one of them.
    if (message) this.replica.takeSent(ack, message);
    // It was given up here, and stored all the same: what it says only the history knows.
    else if (!this.replica.conversation(ack.conversation_id).log.get(ack.seq)) {
      void this.#readAgain(ack.conversation_id, ack.seq);
    }
    this.sender.acknowledged(ack);
  }

  /** An own message came back as an entry before its ack did, or instead of it. */
  #settledElsewhere(client_message_id: string): void {
    const message = this.outbox.get(client_message_id);
    if (!message) return;
    const { log } = this.replica.conversation(message.conversation_id);
    const entry = log.from(1).findLast((held) => held.client_message_id === client_message_id);
    if (!entry) return;
    const { conversation_id, message_id, seq, created_at } = entry;
    const ack = { status: "sent", conversation_id, client_message_id, message_id, seq, created_at } as const;
    this.sender.acknowledged({ ...ack, duplicate: true });
  }

  #syncComplete(sync_id: number, reset: boolean): void {
    if (reset) {
      const fresh = this.#fresh;
      this.replica.clear();
      void this.keeper.reset();
      this.#inboxLoader.reset();
      for (const frame of fresh) this.replica.takeFrame(frame, "device", this.#context.environment.now());
    }
    this.#fresh = [];
    this.#isSynced = true;
    this.#inboxLoader.synced(sync_id);
    this.#profiles.connected();
    this.#acker.repeatReads();
    this.#filler.check(this.replica.conversations.keys());
    this.#context.changed({ connection: true });
    for (const listener of [...this.#onSynced]) listener();
  }

  /** Asks once more whom messages of this device name: the first time the answer was lost, or the app was closed. */
  readUnsure(conversation_id: string): void {
    for (const seq of this.replica.unsureSeqs(conversation_id)) void this.#readAgain(conversation_id, seq);
  }

  /** Of a message that may name members, only the server knows whom. */
  async #readAgain(conversation_id: string, seq: number): Promise<void> {
    const query = { after_seq: seq - 1, limit: 1 };
    try {
      const page = await this.#context.api.history(conversation_id, query);
      this.replica.takePage(conversation_id, query, page, false);
      this.apply();
    } catch {
      // It stays as it was written until its conversation is open and asked about.
    }
  }

  #outboxChanged(message: OutMessage): void {
    const { client_message_id, conversation_id } = message;
    this.keeper.noteOutbox(client_message_id);
    this.#context.changed({ outbox: true, conversations: [conversation_id] });
    const now = this.outbox.get(client_message_id);
    if (now?.failure) this.#context.emitter.emit("failed", now);
  }
}
