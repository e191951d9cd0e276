import type { HandedEntry, HiddenMessage } from "../../domain/hand-over.ts";
import { acknowledge, type Inbox } from "../../domain/inbox.ts";
import { firstSyncId, isKnownSyncId } from "../../domain/sync-id.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { type DeviceSocket, MAX_ACKED_CONVERSATIONS } from "./attachment.ts";
import type { InboxPlace, InboxQuery } from "./inbox-query.ts";
import type { HiddenRecord, UserStore } from "./store.ts";

/** So many inbox rows are kept in memory. */
const CACHED_ROWS = 2_000;

/**
 * A user's inbox rows. In memory a row may be ahead of its table by the acks of connected devices: those stand in the
 * sockets' attachments, from which they are applied again when a row is loaded, and go into the row with its next write.
 */
export class InboxBook {
  readonly #store: UserStore;
  readonly #sockets: SocketSet<DeviceSocket>;
  readonly #quotaSnapshot: () => string;
  readonly #rows = new Map<string, Inbox>();
  /** Conversations in which a device has acknowledged what is still on its way here: it sent it, or read it elsewhere. */
  readonly #ahead = new Map<string, Map<WebSocket, number>>();
  /** Rebuilt from the rows. */
  #sync_id: number;

  /** `generation`: which one the data is in; a new one begins when the object first wakes after a restore. */
  constructor(
    store: UserStore,
    sockets: SocketSet<DeviceSocket>,
    quotaSnapshot: () => string,
    generation: number,
  ) {
    this.#store = store;
    this.#sockets = sockets;
    this.#quotaSnapshot = quotaSnapshot;
    this.#sync_id = Math.max(store.lastSyncId(), firstSyncId(generation));
  }

  /** Can a device that has this one be told what has changed since? Not if it was unknown in between: its positions are gone. */
  isKnown(last_sync_id: number, device_id: string): boolean {
    const device = this.#store.devices().get(device_id);
    const isKept = device !== undefined && device.known_since <= last_sync_id;
    return isKept && isKnownSyncId(last_sync_id, this.#sync_id);
  }

  /** Grows with every durable change of the inbox. */
  get sync_id(): number {
    return this.#sync_id;
  }

  get(conversation_id: string): Inbox | null {
    const cached = this.#rows.get(conversation_id);
    if (cached) return cached;
    const stored = this.#store.inbox(conversation_id);
    return stored && this.#cache(this.#withAcks(stored));
  }

  /** Writes a row that its user can see has changed. */
  save(inbox: Inbox): Inbox {
    this.#sync_id++;
    return this.#put({ ...inbox, sync_id: this.#sync_id });
  }

  /** A device's ack: kept in its socket's attachment, at no cost, until the row is written. */
  ack(socket: WebSocket, session: DeviceSocket, inbox: Inbox, seq: number, now: number): void {
    if (seq > inbox.head_seq) this.#noteAhead(socket, inbox.conversation_id, seq);
    const next = acknowledge(inbox, session.device_id, seq, now);
    if (next === inbox) return;
    this.#cache(next);
    const acked = { ...session.acked, [inbox.conversation_id]: Math.min(seq, inbox.head_seq) };
    const acked_at = { ...session.acked_at, [inbox.conversation_id]: now };
    if (Object.keys(acked).length <= MAX_ACKED_CONVERSATIONS) {
      this.#sockets.update(socket, { ...session, acked, acked_at });
    } else {
      this.keepAcks({ ...session, acked, acked_at });
      this.#sockets.update(socket, { ...session, acked: {}, acked_at: {} });
    }
  }

  /** Entries have come in: were they acknowledged before? Then the device is not to be pushed them again (DLV-1). */
  ackWhatCame(conversation_id: string, now: number): void {
    const ahead = this.#ahead.get(conversation_id);
    if (!ahead) return;
    this.#ahead.delete(conversation_id);
    for (const [socket, seq] of ahead) {
      const session = this.#sockets.session(socket);
      const inbox = this.get(conversation_id);
      if (session && inbox) this.ack(socket, session, inbox, seq, now);
    }
  }

  #noteAhead(socket: WebSocket, conversation_id: string, seq: number): void {
    const ahead = this.#ahead.get(conversation_id) ?? new Map<WebSocket, number>();
    this.#ahead.set(conversation_id, ahead.set(socket, seq));
  }

  /** Writes the acks of a socket that is going away into the rows that lack them. */
  keepAcks(session: DeviceSocket): void {
    for (const [conversation_id, seq] of Object.entries(session.acked)) {
      const stored = this.#store.inbox(conversation_id);
      if (!stored) continue;
      const acked = acknowledgeFrom(stored, session, seq);
      if (acked === stored) continue;
      this.#put(this.#rows.get(conversation_id) ?? this.#withAcks(acked));
    }
  }

  page(query: InboxQuery, after: InboxPlace | null, limit: number): Inbox[] {
    return this.#store.inboxPage(query, after, limit);
  }

  /** Conversations of which a device lacks something. */
  lagging(device_id: string): Inbox[] {
    const lags = ({ positions }: Inbox) => Object.hasOwn(positions, device_id);
    return this.#store
      .laggingInboxes(device_id)
      .map((row) => this.#rows.get(row.conversation_id) ?? this.#withAcks(row))
      .filter(lags);
  }

  /** Of how many of the messages that the user has hidden there the devices were told. */
  hiddenCount({ conversation_id, hidden_count }: Inbox): number {
    return hidden_count === 0 ? 0 : this.#store.hiddenCount(conversation_id);
  }

  /** Which of the messages that entries are about the user has hidden. */
  hiddenAmong({ conversation_id, hidden_count }: Inbox, entries: readonly HandedEntry[]): Set<number> {
    if (hidden_count === 0) return new Set();
    const seqs = entries.map(({ seq, target }) => target?.seq ?? seq);
    return this.#store.hiddenAmong(conversation_id, seqs);
  }

  /**
   * Remembers for the devices that are away what the user has hidden. Each message is a change of its own, and comes before the
   * change of the row that follows from it: a device that is cut off in between is told of the rest when it is back.
   */
  hide({ conversation_id }: Inbox, hidden: readonly HiddenMessage[]): HiddenRecord[] {
    return hidden.map(({ seq, message_id }) => {
      const record = { conversation_id, seq, message_id, sync_id: ++this.#sync_id };
      this.#store.putHidden(record);
      return record;
    });
  }

  hiddenSince(sync_id: number): HiddenRecord[] {
    return this.#store.hiddenSince(sync_id);
  }

  changedSince(sync_id: number): string[] {
    return this.#store.changedSince(sync_id);
  }

  rowsOf(conversation_ids: readonly string[]): Inbox[] {
    return this.#store.inboxesOf(conversation_ids);
  }

  #put(inbox: Inbox): Inbox {
    this.#store.putInbox(inbox, this.#quotaSnapshot());
    return this.#cache(inbox);
  }

  #cache(inbox: Inbox): Inbox {
    if (this.#rows.size >= CACHED_ROWS && !this.#rows.has(inbox.conversation_id)) this.#rows.clear();
    this.#rows.set(inbox.conversation_id, inbox);
    return inbox;
  }

  #withAcks(stored: Inbox): Inbox {
    let inbox = stored;
    for (const [, session] of this.#sockets.entries()) {
      const seq = session.acked[stored.conversation_id];
      if (seq !== undefined) inbox = acknowledgeFrom(inbox, session, seq);
    }
    return inbox;
  }
}

/** Applies what a socket remembers of its device's acks. */
function acknowledgeFrom(inbox: Inbox, { device_id, acked_at }: DeviceSocket, seq: number): Inbox {
  return acknowledge(inbox, device_id, seq, acked_at[inbox.conversation_id] ?? inbox.updated_at);
}
