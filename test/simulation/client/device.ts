import type { Identity } from "../../../src/domain/identity.ts";
import type { Conversation } from "../../../src/protocol/conversation.ts";
import type { ConversationEvent } from "../../../src/protocol/event.ts";
import type { ConversationUpdateFrame } from "../../../src/protocol/frames/conversation-update.ts";
import type { MarkAck } from "../../../src/protocol/frames/message-ack.ts";
import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { Message, MessageUpdate, SentAck } from "../../../src/protocol/message.ts";
import type { Platform } from "../platform/platform.ts";
import type { Random } from "../random.ts";
import { Refused, type Worker } from "../worker.ts";
import { ConversationLink } from "./conversation-link.ts";
import { ConversationView, passageOf } from "./conversation-view.ts";
import { DeviceLink } from "./device-link.ts";
import { DeviceLog, type Range } from "./device-log.ts";
import { draftOf, markFrame } from "./frames.ts";
import { GapFetcher } from "./gap-fetcher.ts";
import { InboxView } from "./inbox-view.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import { Outbox, type OutMessage } from "./outbox.ts";
import { Requests } from "./requests.ts";

/** A device's clock may be wrong by days. */
const MAX_SKEW_MS = 3 * 24 * 60 * 60 * 1000;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000];

export interface DeviceContext {
  readonly platform: Platform;
  readonly worker: Worker;
  readonly ledger: Ledger;
  readonly random: Random;
}

/** A device that behaves as the protocol says (docs/protocol.md §5), over whichever of its ways chance picks. */
export class Device {
  readonly label: string;
  readonly identity: Identity;
  readonly skew_ms: number;
  readonly inbox: InboxView;
  readonly outbox: Outbox;
  readonly logs = new Map<string, DeviceLog>();
  readonly views = new Map<string, ConversationView>();
  readonly #context: DeviceContext;
  readonly #conversationLinks = new Map<string, ConversationLink>();
  /** Up to where its user has read each conversation. */
  readonly #wantsRead = new Map<string, number>();
  readonly #acksDue = new Set<string>();
  /** By conversation: over which socket the last ack went. One that breaks may have lost it. */
  readonly #ackedOver = new Map<string, Link>();
  readonly #opening = new Set<string>();
  readonly #requests: Requests;
  readonly #gaps: GapFetcher;
  #link: DeviceLink | null = null;
  #isConnecting = false;
  #failures = 0;
  #sent = 0;
  #wantsOnline = false;
  #isKnown = false;
  /** It was there before there was anything to talk in. */
  isFirst = false;
  last_sync_id = 0;

  constructor(label: string, identity: Identity, context: DeviceContext) {
    this.label = label;
    this.identity = identity;
    this.skew_ms = context.random.chance(0.3) ? context.random.between(-MAX_SKEW_MS, MAX_SKEW_MS) : 0;
    this.#context = context;
    const { scheduler } = context.platform;
    this.#requests = new Requests(scheduler, context.random);
    this.#gaps = new GapFetcher(this, context.worker, this.#requests);
    this.inbox = new InboxView((rule, detail) => this.violated(rule, detail));
    this.outbox = new Outbox(scheduler, context.random, (message) => this.#sendBySomeWay(message));
  }

  hasOpenConversation(conversation_id: string): boolean {
    return this.#conversationLinks.get(conversation_id)?.isOpen === true;
  }

  /** Logged in: before that it does nothing. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get isOnline(): boolean {
    return this.#link?.isOpen === true;
  }

  get isSynced(): boolean {
    return this.#link?.isSynced === true;
  }

  /** How many entries that it had came again since its device socket was opened. */
  get repeatedSinceConnect(): number {
    return this.#link?.repeated ?? 0;
  }

  violated(rule: string, detail: string): void {
    this.#context.platform.violated(rule, `${this.label}: ${detail}`);
  }

  /** Logs in: from here on the server keeps for this device what it has to receive. */
  async login(): Promise<void> {
    await this.#requests.persist(() => this.#context.worker.openSession(this.identity));
    const rows = await this.#requests.persist(() => this.#context.worker.listInbox(this.identity));
    for (const row of rows) {
      this.inbox.saw(row);
      this.logs.set(row.conversation_id, new DeviceLog(row.head_seq));
      this.last_sync_id = Math.max(this.last_sync_id, row.sync_id);
    }
    this.#isKnown = true;
    this.#connectIn(0);
  }

  goOnline(): void {
    this.#wantsOnline = true;
    this.#failures = 0;
    this.#connectIn(0);
  }

  goOffline(): void {
    this.#wantsOnline = false;
    this.#link?.close();
    for (const link of this.#conversationLinks.values()) link.close();
  }

  /** The network under one of its sockets breaks. */
  loseNetwork(): void {
    this.#link?.cut();
  }

  say(conversation_id: string, count: number, naming = ""): void {
    for (let index = 0; index < count; index++) {
      const client_message_id = `${this.label}-${++this.#sent}`;
      this.outbox.put({ conversation_id, client_message_id, content: client_message_id + naming });
    }
  }

  /** Reads what it has of a conversation, or a part of it. */
  read(conversation_id: string): void {
    const { random } = this.#context;
    const { contiguous } = this.log(conversation_id);
    const seq = random.chance(0.7) ? contiguous : random.between(0, contiguous);
    if (seq === 0) return;
    this.#wantsRead.set(conversation_id, Math.max(seq, this.#wantsRead.get(conversation_id) ?? 0));
    this.#markRead(conversation_id, seq);
  }

  #markRead(conversation_id: string, seq: number): void {
    const { random, worker } = this.#context;
    const link = this.#pickLink(conversation_id);
    if (link && random.chance(0.7)) {
      link.send([markFrame(conversation_id, seq, "read")], true);
      return;
    }
    this.#requests.limit(worker.read(this.identity, conversation_id, seq)).catch((error) => {
      if (error instanceof Refused && error.refusal.code !== "unavailable") return;
      this.#context.platform.scheduler.after(random.between(1_000, 3_000), () =>
        this.#markReadAgain(conversation_id),
      );
    });
  }

  /** A mark that no inbox row shows may not have been taken (UNR-2). */
  #markReadAgain(conversation_id: string): void {
    const seq = this.#wantsRead.get(conversation_id) ?? 0;
    if (seq > (this.inbox.rows.get(conversation_id)?.read_seq ?? 0)) this.#markRead(conversation_id, seq);
  }

  askToSync(): void {
    this.#link?.requestSync(this.last_sync_id);
  }

  openConversation(conversation_id: string): void {
    if (this.#opening.has(conversation_id) || this.#conversationLinks.get(conversation_id)?.isOpen) return;
    this.#opening.add(conversation_id);
    const { platform, worker, random } = this.#context;
    const options = { batch: random.chance(0.5), last_sync_id: null };
    const opening = this.#requests
      .limit(worker.openConversationSocket(this.identity, conversation_id, options))
      .then((socket) => {
        const link = new ConversationLink(platform, this, socket, options.batch, conversation_id);
        this.#conversationLinks.set(conversation_id, link);
        if (!this.#wantsOnline) link.close();
      })
      .finally(() => this.#opening.delete(conversation_id));
    ignoreFailure(opening);
  }

  closeConversation(conversation_id: string): void {
    this.#conversationLinks.get(conversation_id)?.close();
  }

  log(conversation_id: string): DeviceLog {
    let log = this.logs.get(conversation_id);
    if (!log) {
      log = new DeviceLog(0);
      this.logs.set(conversation_id, log);
    }
    return log;
  }

  view(conversation_id: string): ConversationView {
    let view = this.views.get(conversation_id);
    if (!view) {
      view = new ConversationView(this.identity.user_id);
      this.views.set(conversation_id, view);
    }
    return view;
  }

  /** Does something to a conversation that is no message; whether it was done, the entries tell. */
  change(conversation_id: string, request: (worker: Worker) => Promise<unknown>): void {
    this.#context.platform.trace.note(`${this.label} changes something`);
    ignoreFailure(
      this.#requests.limit(request(this.#context.worker)).then(() => this.#ackSoon(conversation_id)),
    );
  }

  /** A message came over a socket. */
  received(message: Message): void {
    this.view(message.conversation_id).put(message, message.seq);
    this.#has(message);
  }

  /** A message, or an event, was read in the history as it was when the log ended at `head_seq`. */
  readInHistory(message: Message, head_seq: number): void {
    const { conversation_id, seq, event } = message;
    this.view(conversation_id).put(message, head_seq);
    if (event && !this.log(conversation_id).received.has(seq))
      this.#tookPlace(conversation_id, seq, event, null);
    this.#has(message);
  }

  /** A message has changed. */
  updated({ conversation_id, seq, message }: MessageUpdate): void {
    this.#context.ledger.saw(message);
    this.view(conversation_id).put(message, seq);
    this.log(conversation_id).add(seq);
    this.#ackSoon(conversation_id);
  }

  /** Something has happened to a conversation. */
  happened({ conversation_id, seq, conversation, message }: ConversationUpdateFrame["payload"]): void {
    // Again, if it comes over both sockets: a row that came in between is from before.
    if (message.event) this.#tookPlace(conversation_id, seq, message.event, conversation);
    this.#has(message);
  }

  /** Who comes back begins anew with the entry that says so: what lies between is nobody's fault. */
  comesBack({ conversation_id, seq, message }: ConversationUpdateFrame["payload"]): void {
    const isBack = message.event && passageOf(message.event, this.identity.user_id) === "came";
    if (isBack) this.log(conversation_id).restart(seq - 1);
  }

  #tookPlace(conversation_id: string, seq: number, event: ConversationEvent, now: Conversation | null): void {
    const passage = this.view(conversation_id).happened(seq, event, now);
    if (passage === "went") this.inbox.left(conversation_id);
    if (passage === "came") this.log(conversation_id).restart(seq - 1);
  }

  #has(message: Message): void {
    const { conversation_id, seq, sender_id, client_message_id } = message;
    this.#context.ledger.saw(message);
    this.log(conversation_id).add(seq);
    if (sender_id === this.identity.user_id && client_message_id !== undefined) {
      this.outbox.settle({ client_message_id });
    }
    this.#ackSoon(conversation_id);
  }

  acknowledged(ack: SentAck): void {
    this.#context.ledger.acknowledged(this.identity.user_id, ack);
    this.outbox.settle(ack);
    this.view(ack.conversation_id).sent({ ...ack, sender_id: this.identity.user_id });
    this.log(ack.conversation_id).add(ack.seq);
    this.#ackSoon(ack.conversation_id);
  }

  sawMark(mark: MarkAck): void {
    this.#context.ledger.sawMark(mark);
  }

  refused(frame: Extract<ServerFrame, { type: "ERROR" }>): void {
    const { code, details, retry_after_ms } = frame.payload;
    if (code === "internal" || code === "invalid_request")
      this.violated("no frame fails", frame.payload.message);
    const { client_message_id } = details ?? {};
    if (client_message_id === undefined) return;
    if (code === "conversation_not_found") this.outbox.abandon(client_message_id);
    this.outbox.retryIn(client_message_id, retry_after_ms ?? this.#context.random.between(200, 2_000));
  }

  gapAnnounced(conversation_id: string, gap: Range): void {
    this.log(conversation_id).announceGap(gap);
    this.#gaps.start(conversation_id);
  }

  /** What was announced, nobody gives to who is no member any more. */
  forgoGaps(conversation_id: string): void {
    this.log(conversation_id).forgo();
    this.#ackSoon(conversation_id);
  }

  /** How many entries may be missing because they are the device's own, and it does not know their place. */
  ownUnknown(conversation_id: string): number {
    return this.outbox.unknownIn(conversation_id) + this.outbox.abandonedIn(conversation_id);
  }

  /** Where it has given up messages, only the history tells what became of them. */
  missing(conversation_id: string, range: Range): void {
    if (this.outbox.abandonedIn(conversation_id) > 0) this.gapAnnounced(conversation_id, range);
  }

  linkEnded(link: Link): void {
    for (const [conversation_id, over] of this.#ackedOver) if (over === link) this.#ackSoon(conversation_id);
    if (link === this.#link) this.#reconnect();
  }

  #reconnect(): void {
    const pause = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 0;
    this.#failures++;
    this.#connectIn(this.#context.random.between(0, pause));
  }

  synced(): void {
    this.#failures = 0;
    this.outbox.resend();
    for (const conversation_id of this.#wantsRead.keys()) this.#markReadAgain(conversation_id);
    for (const conversation_id of this.logs.keys()) {
      if (!this.#ackedOver.get(conversation_id)?.isOpen) this.#ackSoon(conversation_id);
    }
  }

  #sendBySomeWay(message: OutMessage): void {
    const { conversation_id, client_message_id, content } = message;
    const { random, worker } = this.#context;
    const link = this.#pickLink(conversation_id);
    if (link && random.chance(0.85)) {
      link.send([{ type: "MESSAGE_SEND", payload: draftOf(message, { conversation_id }) }], true);
      return;
    }
    const draft = draftOf({ client_message_id, content }, {});
    this.#requests.limit(worker.send(this.identity, conversation_id, draft)).then(
      (ack) => this.acknowledged(ack),
      (error) => {
        const cause = error instanceof Refused ? error.refusal : null;
        if (cause?.code === "conversation_not_found") this.outbox.abandon(client_message_id);
        const wait = cause?.retry_after_ms;
        this.outbox.retryIn(client_message_id, wait ?? random.between(200, 2_000));
      },
    );
  }

  #pickLink(conversation_id: string): DeviceLink | ConversationLink | null {
    const links = [this.#link, this.#conversationLinks.get(conversation_id) ?? null].filter(
      (link) => link?.isOpen === true,
    );
    return links.length > 0 ? this.#context.random.pick(links) : null;
  }

  /** Acknowledges what it has, a little later and all at once. */
  #ackSoon(conversation_id: string): void {
    if (this.#acksDue.has(conversation_id)) return;
    this.#acksDue.add(conversation_id);
    const { random, platform } = this.#context;
    platform.scheduler.after(random.between(0, 300), () => {
      this.#acksDue.delete(conversation_id);
      const { contiguous } = this.log(conversation_id);
      const link = this.#pickLink(conversation_id);
      if (!link || contiguous === 0) return;
      this.#ackedOver.set(conversation_id, link);
      link.send([markFrame(conversation_id, contiguous, "delivered")], true);
    });
  }

  #connectIn(delay_ms: number): void {
    this.#context.platform.scheduler.after(delay_ms, () => void this.#connect());
  }

  async #connect(): Promise<void> {
    if (!this.#wantsOnline || !this.#isKnown || this.#isConnecting || this.isOnline) return;
    this.#isConnecting = true;
    const { worker, random, platform } = this.#context;
    const options = { batch: random.chance(0.5), last_sync_id: this.last_sync_id };
    try {
      const socket = await this.#requests.limit(worker.openDeviceSocket(this.identity, options));
      this.#link = new DeviceLink(platform, this, socket, options.batch);
      if (!this.#wantsOnline) this.#link.close();
    } catch {
      this.#reconnect();
    } finally {
      this.#isConnecting = false;
    }
  }
}

/** What a person asked for once; it asks again or does not. */
function ignoreFailure(request: Promise<unknown>): void {
  request.catch(() => undefined);
}
