import type { InboxRow } from "../../src/protocol/conversation.ts";
import type { ServerFrame } from "../../src/protocol/frames/server-frame.ts";
import { connectSchema } from "../../src/protocol/session.ts";
import { within } from "../client/within.ts";
import type { SeededUser } from "../worker/seed-requests.ts";
import type { SoakConversation } from "./conversation.ts";
import { Inbound } from "./inbound.ts";
import { Link } from "./link.ts";
import { Participation } from "./participation.ts";
import type { Reading } from "./plan.ts";
import { Seat } from "./seat.ts";
import type { World } from "./world.ts";

/** A sync that is not complete after so long never will be. */
const SYNC_MS = 60_000;

/** Of the ways to prove who connects, a ticket is taken so often. */
const TICKET_CHANCE = 0.5;

export interface DevicePlace {
  readonly user: SeededUser;
  readonly device_id: string;
  readonly reading: Reading;
}

/** One device of a user: its device socket, the conversations that are open on its screen, and all it has got. */
export class Device {
  readonly user: SeededUser;
  readonly device_id: string;
  readonly #world: World;
  readonly #reading: Reading;
  /** What it has of its conversations. */
  readonly inbounds: { readonly conversation: SoakConversation; readonly inbound: Inbound }[] = [];
  readonly #participations = new Map<string, Participation>();
  readonly #seats = new Map<string, Seat>();
  /** The furthest read mark it was told of, by conversation (UNR-2). */
  readonly #told_read = new Map<string, number>();
  /** Proves who it is; a newer sign-in replaces it. */
  token: string;
  refresh_token: string | null = null;
  #link: Link | null = null;
  #sync_id: number | null = null;
  #isLive = false;
  #synced: () => void = () => undefined;
  /** Since when it has been there; null while it is not. */
  online_since: number | null = null;

  constructor(world: World, { user, device_id, reading }: DevicePlace) {
    this.#world = world;
    this.user = user;
    this.device_id = device_id;
    this.#reading = reading;
    this.token = user.access_token;
  }

  join(conversation: SoakConversation, isOnScreen: boolean): void {
    const { conversation_id } = conversation;
    const inbound = new Inbound(conversation.log);
    this.inbounds.push({ conversation, inbound });
    const common = { user_id: this.user.user_id, reading: this.#reading, inbound };
    const make = (speaks: boolean) => new Participation(this.#world, conversation, { ...common, speaks });
    this.#participations.set(conversation_id, make(!isOnScreen));
    if (isOnScreen) this.#seats.set(conversation_id, new Seat(this.#world, this, make(true)));
  }

  /** Comes back: with what it had, for what it missed. */
  async connect(): Promise<void> {
    const synced = new Promise<void>((resolve) => {
      this.#synced = resolve;
    });
    const link = await Link.open(await this.upgradeUrl("/ws", this.#sync_id), {
      onFrame: (frame, now) => this.#take(frame, now),
      onLost: (code) => this.lost(`closed with ${code}`),
      onNonsense: (error) => this.#world.tally.error(`a device socket said: ${error}`),
    });
    this.#link = link;
    await within(SYNC_MS, "a sync", synced);
    if (this.#link !== link) return;
    for (const participation of this.#participations.values()) participation.open(link);
    for (const seat of this.#seats.values()) await seat.connect();
    if (this.#link !== link) return;
    this.online_since = performance.now();
    this.#world.tally.returned();
  }

  /** Goes away: in order, or cut off without a word. */
  async leave(isInOrder: boolean): Promise<void> {
    const link = this.#link;
    this.#link = null;
    this.online_since = null;
    for (const participation of this.participations()) participation.fallSilent();
    for (const seat of this.#seats.values()) await seat.leave(isInOrder);
    if (isInOrder) await link?.close();
    else link?.cut();
    this.#isLive = false;
    const now = performance.now();
    for (const participation of this.#participations.values()) participation.shut(isInOrder, now);
  }

  /** The server has ended one of its sockets, which it has no reason to. */
  lost(how: string): void {
    this.#world.tally.error(`a device lost ${how}`);
    this.#world.inBackground(
      "coming back",
      this.leave(false).then(() => this.connect()),
    );
  }

  /** Where to connect, with a proof of who does. */
  async upgradeUrl(path: string, last_sync_id: number | null = null): Promise<string> {
    const query = new URLSearchParams({ device_id: this.device_id, batch: "1" });
    if (last_sync_id !== null) query.set("last_sync_id", String(last_sync_id));
    if (Math.random() < TICKET_CHANCE) {
      const { ticket } = await this.#world.post(this.token, "/api/connect", {}, connectSchema);
      query.set("ticket", ticket);
    } else query.set("token", this.token);
    return `${this.#world.url.replace(/^http/, "ws")}${path}?${query}`;
  }

  tick(now: number): void {
    this.#link?.beat(now);
    for (const participation of this.#participations.values()) participation.tick(now);
    for (const seat of this.#seats.values()) seat.tick(now);
  }

  /** Its parts in conversations, by either kind of socket. */
  *participations(): Generator<Participation> {
    yield* this.#participations.values();
    for (const seat of this.#seats.values()) yield seat.participation;
  }

  toldRead(conversation_id: string): number {
    return this.#told_read.get(conversation_id) ?? 0;
  }

  #take(frame: ServerFrame, now: number): void {
    switch (frame.type) {
      case "MESSAGE_RECEIVE":
        this.#noteSync(frame.payload.sync_id);
        this.#participations.get(frame.payload.conversation_id)?.receive(frame.payload, now, this.#isLive);
        break;
      case "INBOX_UPDATE":
        this.#takeRow(frame.payload);
        break;
      case "SYNC_GAP": {
        const { conversation_id, from_seq, to_seq } = frame.payload;
        const fetched = this.#participations.get(conversation_id)?.fetch(this.token, from_seq - 1, to_seq);
        this.#world.tally.gaps++;
        this.#world.inBackground("fetching a gap", fetched ?? Promise.resolve());
        break;
      }
      case "SYNC_COMPLETE":
        // A device that was never here before has nothing to come back to.
        if (frame.payload.reset && this.#sync_id !== null) this.#world.tally.error("a device was reset");
        this.#noteSync(frame.payload.sync_id);
        this.#isLive = true;
        this.#synced();
        break;
      default:
        this.takeCommon(frame, now);
    }
  }

  /** What may come on either kind of socket. */
  takeCommon(frame: ServerFrame, now: number): void {
    if (frame.type === "ERROR") this.#world.tally.error(`refused: ${JSON.stringify(frame.payload)}`);
    if (frame.type !== "MESSAGE_ACK" || frame.payload.status !== "sent") return;
    if (!this.#world.takeAck(frame.payload, now)) return;
    const { conversation_id, seq } = frame.payload;
    this.#participations.get(conversation_id)?.inbound.own(seq);
  }

  #takeRow({ conversation_id, read_seq, sync_id }: InboxRow): void {
    this.#noteSync(sync_id);
    this.#told_read.set(conversation_id, Math.max(read_seq, this.toldRead(conversation_id)));
  }

  #noteSync(sync_id = 0): void {
    this.#sync_id = Math.max(sync_id, this.#sync_id ?? 0);
  }
}
