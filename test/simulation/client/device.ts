import type { Identity } from "../../../src/domain/identity.ts";
import type { Conversation } from "../../../src/protocol/conversation.ts";
import type { ConversationEvent } from "../../../src/protocol/event.ts";
import type { ConversationUpdateFrame } from "../../../src/protocol/frames/conversation-update.ts";
import type { MarkAck } from "../../../src/protocol/frames/message-ack.ts";
import type { MessageHiddenFrame } from "../../../src/protocol/frames/message-hidden.ts";
import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { Message, MessageUpdate, SentAck } from "../../../src/protocol/message.ts";
import type { Platform } from "../platform/platform.ts";
import type { Random } from "../random.ts";
import type { Worker } from "../worker.ts";
import { Acks } from "./acks.ts";
import { ConversationView, passageOf } from "./conversation-view.ts";
import { DeviceLog, type Range } from "./device-log.ts";
import { FurthestMarks } from "./furthest-marks.ts";
import { GapFetcher } from "./gap-fetcher.ts";
import { InboxView } from "./inbox-view.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import type { Promptness } from "./promptness.ts";
import { Reading } from "./reading.ts";
import { ignoreFailure, Requests } from "./requests.ts";
import { Sender } from "./sender.ts";
import { Sockets } from "./sockets.ts";

/** A device's clock may be wrong by days. */
const MAX_SKEW_MS = 3 * 24 * 60 * 60 * 1000;

export interface DeviceContext {
  readonly platform: Platform;
  readonly worker: Worker;
  readonly ledger: Ledger;
  readonly promptness: Promptness;
  readonly random: Random;
}

/** A device that behaves as the protocol says (docs/protocol.md §5), over whichever of its ways chance picks. */
export class Device {
  readonly label: string;
  readonly identity: Identity;
  readonly skew_ms: number;
  readonly inbox: InboxView;
  readonly outbox: Outbox;
  readonly sockets: Sockets;
  readonly reading: Reading;
  readonly logs = new Map<string, DeviceLog>();
  /** What it was told of the marks of others. */
  readonly marks = new FurthestMarks();
  readonly views = new Map<string, ConversationView>();
  readonly #context: DeviceContext;
  readonly #requests: Requests;
  readonly #acks: Acks;
  readonly #gaps: GapFetcher;
  readonly #sender: Sender;
  #sent = 0;
  #isKnown = false;
  #hasSynced = false;
  /** It was there before there was anything to talk in. */
  isFirst = false;
  last_sync_id = 0;

  constructor(label: string, identity: Identity, context: DeviceContext) {
    this.label = label;
    this.identity = identity;
    this.skew_ms = context.random.chance(0.3) ? context.random.between(-MAX_SKEW_MS, MAX_SKEW_MS) : 0;
    this.#context = context;
    const { scheduler } = context.platform;
    this.#requests = new Requests(identity.user_id, context);
    this.sockets = new Sockets(this, context, this.#requests);
    this.reading = new Reading(this, this.sockets, this.#requests, context);
    this.#acks = new Acks(this, this.sockets, context);
    this.#gaps = new GapFetcher(this, context.worker, this.#requests);
    this.inbox = new InboxView({
      report: (rule, detail) => this.violated(rule, detail),
      sawRead: (conversation_id, seq) => this.sawRead(conversation_id, seq),
    });
    this.outbox = new Outbox(scheduler, context.random, (message) => this.#sender.send(message));
    this.#sender = new Sender(this, this.#requests, context);
  }

  /** Logged in: before that it does nothing. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  violated(rule: string, detail: string): void {
    this.#context.platform.violated(rule, `${this.label}: ${detail}`);
  }

  /** Logs in: from here on the server keeps for this device what it has to receive. */
  async login(): Promise<void> {
    await this.#requests.persist(() => this.#context.worker.openSession(this.identity));
    for (const row of await this.#readInbox()) {
      this.logs.set(row.conversation_id, new DeviceLog(row.head_seq));
      this.last_sync_id = Math.max(this.last_sync_id, row.sync_id);
    }
    this.#isKnown = true;
    this.sockets.connect();
  }

  /** Rightly only after a login: the newest change of the inbox may have been one that its rows do not show. */
  beginsAnew(): void {
    if (this.#hasSynced) this.violated("DLV-1", "a known device was told to begin anew");
    else void this.#readInbox();
  }

  async #readInbox() {
    const rows = await this.#requests.persist(() => this.#context.worker.listInbox(this.identity));
    for (const row of rows) this.inbox.saw(row);
    return rows;
  }

  say(conversation_id: string, count: number, naming = ""): void {
    for (let index = 0; index < count; index++) {
      const client_message_id = `${this.label}-${++this.#sent}`;
      this.outbox.put({ conversation_id, client_message_id, content: client_message_id + naming });
    }
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
    const change = this.#requests.ask(conversation_id, request);
    this.#context.platform.trace.note(`${this.label} changes something`);
    ignoreFailure(this.#requests.limit(change).then(() => this.#acks.soon(conversation_id)));
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
    this.#tell(conversation_id, seq);
  }

  /** The user has deleted a message for itself. */
  hid({ conversation_id, message_id }: MessageHiddenFrame["payload"]): void {
    this.view(conversation_id).hidden.add(message_id);
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
    if (passage === "went") this.inbox.left(conversation_id, seq);
    if (passage === "came") this.log(conversation_id).restart(seq - 1);
  }

  #has(message: Message): void {
    const { conversation_id, seq, sender_id, client_message_id } = message;
    this.#context.ledger.saw(message);
    if (sender_id === this.identity.user_id && client_message_id !== undefined) {
      this.outbox.settle({ client_message_id });
    }
    this.#tell(conversation_id, seq);
  }

  acknowledged(ack: SentAck): void {
    const { ledger, promptness } = this.#context;
    ledger.acknowledged(this.identity.user_id, ack);
    const begun = this.outbox.begunOf(ack.client_message_id);
    if (begun) promptness.answered(this.label, ack.client_message_id, begun.begun_at);
    this.outbox.settle(ack);
    this.view(ack.conversation_id).sent({ ...ack, sender_id: this.identity.user_id });
    this.#tell(ack.conversation_id, ack.seq);
  }

  /** It has an entry, which it acknowledges soon. */
  #tell(conversation_id: string, seq: number): void {
    this.#context.promptness.told(this.label, conversation_id, seq);
    this.log(conversation_id).add(seq);
    this.#acks.soon(conversation_id);
  }

  sawMark(mark: MarkAck): void {
    this.#context.ledger.marks.saw(mark);
    this.marks.saw(mark);
  }

  /** It was told, in its inbox or as an answer, that its user has read so far. */
  sawRead(conversation_id: string, seq: number): void {
    const { user_id } = this.identity;
    this.#context.ledger.marks.saw({ conversation_id, user_id, status: "read", seq });
  }

  refused(frame: Extract<ServerFrame, { type: "ERROR" }>): void {
    const { code, details, retry_after_ms } = frame.payload;
    if (code === "internal" || code === "invalid_request")
      this.violated("no frame fails", frame.payload.message);
    if (details?.client_message_id !== undefined)
      this.#sender.refused(details.client_message_id, code, retry_after_ms);
  }

  gapAnnounced(conversation_id: string, gap: Range): void {
    this.log(conversation_id).announceGap(gap);
    this.#gaps.start(conversation_id);
  }

  /** The history has told all there is to know of a stretch, which may be nothing. */
  gapFetched(conversation_id: string, range: Range): void {
    this.log(conversation_id).cover(range);
    this.#acks.soon(conversation_id);
  }

  /** What was announced, nobody gives to who is no member any more. */
  forgoGap(conversation_id: string, gap: Range): void {
    this.log(conversation_id).forgo(gap);
    this.#acks.soon(conversation_id);
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
    this.#acks.ended(link);
    this.sockets.ended(link);
  }

  synced(): void {
    this.#hasSynced = true;
    this.sockets.synced();
    this.outbox.resend();
    this.reading.synced();
    this.#acks.synced();
  }
}
