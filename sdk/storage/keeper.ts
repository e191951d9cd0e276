import type { z } from "zod";
import type { Cancel, Environment } from "../environment.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Notes } from "../sync/notes.ts";
import {
  addRanges,
  countOf,
  cutBefore,
  hasSeq,
  NOTHING,
  overlapOf,
  type Range,
  type Ranges,
  seqsIn,
} from "../sync/ranges.ts";
import type { Replica } from "../sync/replica.ts";
import { Due } from "./due.ts";
import { claim, OwnStorage } from "./own-storage.ts";
import {
  CONVERSATIONS,
  messageKey,
  messagesOf,
  OUTBOX,
  ROWS,
  type StoredConversation,
  SYNC_KEY,
  storedConversationSchema,
  storedMessageSchema,
  storedOutMessageSchema,
  storedRowSchema,
  storedSyncSchema,
} from "./records.ts";
import type { ClientStorage, StoredEntry } from "./storage.ts";
import { writesOf } from "./writes.ts";

/** What has changed is written together, this long after the first of it. */
const PAUSE_MS = 200;
/** What could not be written is tried again with what comes next, or after this long. */
const AGAIN_MS = 5_000;

export interface KeeperContext {
  readonly environment: Environment;
  readonly storage: ClientStorage;
  readonly replica: Replica;
  readonly outbox: Outbox;
  /** So many messages of a conversation are kept. */
  readonly cached_messages: number;
  readonly failed: (error: unknown) => void;
}

type KeptNotes = Pick<Notes, "rows" | "conversations" | "messages" | "left">;

/** Keeps what a client knows in its storage: reads it at the start, and writes what changes. */
export class Keeper {
  readonly #context: KeeperContext;
  readonly #own: OwnStorage;
  last_sync_id: number | null = null;
  /** What the storage holds of conversations whose messages were not loaded. */
  readonly #heldThere = new Map<string, Ranges>();
  readonly #loading = new Map<string, Promise<void>>();
  /** From which entry on the storage holds messages, where older ones were dropped already. */
  readonly #keptFrom = new Map<string, number>();
  #due = new Due();
  #isOwner = true;
  #isClosed = false;
  #cancelTimer: Cancel | null = null;
  #writing: Promise<boolean> = Promise.resolve(true);

  constructor(context: KeeperContext) {
    this.#context = context;
    this.#own = new OwnStorage(context.storage, context.replica.user_id);
  }

  /** Takes up what was kept. What belongs to somebody else is deleted. */
  async restore(): Promise<void> {
    const { storage, replica, outbox } = this.#context;
    await claim(storage, replica.user_id);
    const [[synced], rows, conversations, messages] = await Promise.all([
      this.#own.list(SYNC_KEY),
      this.#own.list(ROWS),
      this.#own.list(CONVERSATIONS),
      this.#own.list(OUTBOX),
    ]);
    outbox.restore(parseAll(storedOutMessageSchema, messages).map(({ value }) => value));
    if (rows.length > 0)
      this.last_sync_id = storedSyncSchema.safeParse(synced?.value).data?.last_sync_id ?? null;
    for (const { value } of parseAll(storedRowSchema, rows)) replica.takeRow(value);
    for (const { key, value } of parseAll(storedConversationSchema, conversations))
      this.#restoreConversation(key.slice(CONVERSATIONS.length), value);
    // What was just read need not be written.
    replica.takeNotes();
  }

  /** Reads the messages of a conversation that are kept; once. */
  loadMessages(conversation_id: string): Promise<void> {
    const known = this.#loading.get(conversation_id);
    if (known) return known;
    const loading = this.#loadMessages(conversation_id).catch(this.#context.failed);
    this.#loading.set(conversation_id, loading);
    return loading;
  }

  note({ rows, conversations, messages, left }: KeptNotes): void {
    const due = this.#due;
    for (const id of rows) {
      due.rows.add(id);
      due.conversations.add(id);
    }
    for (const id of conversations) due.conversations.add(id);
    for (const id of conversations) this.#dropOld(id);
    for (const id of left) this.#dropLeft(id);
    for (const place of messages) due.messages.set(messageKey(place.conversation_id, place.seq), place);
    if (rows.size + conversations.size + messages.length > 0) this.#writeSoon();
  }

  /** A message in the outbox has come, changed or gone: it is written at once. */
  noteOutbox(client_message_id: string): void {
    this.#due.outbox.add(client_message_id);
    void this.flush();
  }

  noteSynced(sync_id: number): void {
    this.last_sync_id = sync_id;
    this.#due.isSyncDue = true;
    this.#writeSoon();
  }

  /** Resolves to whether everything noted so far is written. */
  flush(): Promise<boolean> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (!this.#isClosed) this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Another client has this device, and the storage, now: of all that is noted only the outbox is written, until it is taken back. */
  giveWay(): void {
    this.#isOwner = false;
  }

  takeBack(): void {
    if (this.#isOwner) return;
    this.#isOwner = true;
    // The other client has left a position that is newer than what is written now, and may have dropped what was there.
    this.#due.isSyncDue = true;
    this.#heldThere.clear();
    this.#writeSoon();
  }

  /** Writes nothing any more but what is under way: the storage may be somebody else's then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#writing;
  }

  /** Forgets logs and inbox, and what was to be written of them; the outbox stays. */
  async reset(): Promise<void> {
    this.last_sync_id = null;
    this.#heldThere.clear();
    this.#loading.clear();
    this.#keptFrom.clear();
    this.#due = new Due();
    this.#due.isClearDue = true;
    this.#due.isSyncDue = true;
    for (const { client_message_id } of this.#context.outbox.messages)
      this.#due.outbox.add(client_message_id);
    await this.flush();
  }

  #restoreConversation(conversation_id: string, stored: StoredConversation): void {
    const { replica } = this.#context;
    const state = replica.restore(conversation_id, stored.position);
    for (const seq of stored.hidden) state.log.hide(seq);
    state.marks = stored.marks;
    state.memberships = stored.memberships;
    state.hasMemberList = stored.hasMemberList;
    state.details = stored.details;
    this.#heldThere.set(conversation_id, stored.held);
    if (stored.wanted_read_seq !== null) replica.inbox.read(conversation_id, stored.wanted_read_seq);
  }

  /** Of what nobody looks at no more is kept than of what somebody opens. */
  #dropOld(conversation_id: string): void {
    const { replica, cached_messages } = this.#context;
    const { log } = replica.conversation(conversation_id);
    const there = this.#heldThere.get(conversation_id);
    // What is loaded is cut.
    if (there && countOf(there) + log.size > 2 * cached_messages) void this.loadMessages(conversation_id);
    if (log.size <= cached_messages) return;
    const from_seq = log.keptFrom(cached_messages);
    const before = this.#keptFrom.get(conversation_id) ?? 1;
    if (from_seq <= before) return;
    this.#keptFrom.set(conversation_id, from_seq);
    this.#drop(conversation_id, { from_seq: before, to_seq: from_seq - 1 });
    if (there) this.#heldThere.set(conversation_id, cutBefore(there, from_seq));
  }

  #dropLeft(conversation_id: string): void {
    if (!this.#context.replica.conversation(conversation_id).isOver) return;
    this.#drop(conversation_id, { from_seq: 1, to_seq: Infinity });
    this.#heldThere.delete(conversation_id);
    this.#keptFrom.delete(conversation_id);
  }

  #drop(conversation_id: string, range: Range): void {
    const { log } = this.#context.replica.conversation(conversation_id);
    const there = addRanges(this.#heldThere.get(conversation_id) ?? NOTHING, log.held);
    for (const seq of seqsIn(overlapOf(there, [range])))
      this.#due.messages.set(messageKey(conversation_id, seq), { conversation_id, seq });
  }

  async #loadMessages(conversation_id: string): Promise<void> {
    if (!this.#heldThere.has(conversation_id)) return;
    const { replica, cached_messages } = this.#context;
    const stored = await this.#own.list(messagesOf(conversation_id));
    const held = this.#heldThere.get(conversation_id);
    // Everything was reset meanwhile.
    if (!held) return;
    this.#heldThere.delete(conversation_id);
    const { log } = replica.conversation(conversation_id);
    // What has come since the start was written without being loaded.
    const known = addRanges(held, log.held);
    const found = parseAll(storedMessageSchema, stored);
    const wanted = found.filter(({ value }) => hasSeq(known, value.message.seq));
    const kept = wanted.slice(Math.max(0, wanted.length - cached_messages));
    const first = kept[0]?.value.message.seq ?? Infinity;
    const keptKeys = new Set(kept.map(({ key }) => key));
    for (const { key } of stored.filter((entry) => !keptKeys.has(entry.key))) {
      const seq = Number(key.slice(messagesOf(conversation_id).length));
      this.#due.messages.set(key, { conversation_id, seq });
      // Nor is it to be said then that it is there.
      this.#due.conversations.add(conversation_id);
      this.#writeSoon();
    }
    for (const { value } of kept) log.take(value.message, value.version);
    const isCut = wanted.length > kept.length;
    for (const { from_seq, to_seq } of isCut ? cutBefore(held, first) : held) log.cover(from_seq, to_seq);
  }

  async #write(): Promise<boolean> {
    const { failed } = this.#context;
    const due = this.#takeDue();
    try {
      if (due.isClearDue) await this.#own.clear();
      const known = { ...this.#context, heldThere: this.#heldThere, last_sync_id: this.last_sync_id };
      const writes = writesOf(due, known);
      if (writes.length > 0) await this.#own.write(writes);
      return this.#isOwner;
    } catch (error) {
      this.#due.add(due);
      this.#writeSoon(AGAIN_MS);
      failed(error);
      return false;
    }
  }

  #takeDue(): Due {
    if (!this.#isOwner) return this.#due.takeOutbox();
    const due = this.#due;
    this.#due = new Due();
    return due;
  }

  #writeSoon(pause_ms = PAUSE_MS): void {
    if (this.#isClosed) return;
    this.#cancelTimer ??= this.#context.environment.setTimer(() => void this.flush(), pause_ms);
  }
}

/** What fits; the rest was written by something else, and is passed over. */
function parseAll<T extends z.ZodType>(schema: T, entries: readonly StoredEntry[]) {
  return entries.flatMap(({ key, value }) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [{ key, value: parsed.data }] : [];
  });
}
