import type { Entry } from "../../domain/entry.ts";
import { type EntryDraft, headAfter, type LogHead, sequence } from "../../domain/sequencing.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { Outbox } from "./outbox.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";

export interface WriterContext {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly now: number;
  readonly newId: () => string;
}

/**
 * Writes one change of a conversation within its transaction: entries, and whatever else its tables say. What is in memory
 * follows once that has gone through (`adopt`).
 */
export class ChangeWriter {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly limits: Limits;
  readonly now: number;
  readonly entries: Entry[] = [];
  /** Who is no member any more by this change. */
  readonly left: string[] = [];
  readonly #outbox: Outbox;
  readonly #newId: () => string;
  readonly #adopting: (() => void)[] = [];
  #head: LogHead;

  constructor({ store, state, outbox, limits, now, newId }: WriterContext) {
    this.store = store;
    this.state = state;
    this.limits = limits;
    this.now = now;
    this.#outbox = outbox;
    this.#newId = newId;
    this.#head = state.head;
  }

  /** Where the next entry goes. */
  get next_seq(): number {
    return this.#head.seq + 1;
  }

  append(draft: EntryDraft): Entry {
    const entry = sequence(draft, this.#head, this.#newId(), this.now);
    if (!this.store.entries.append(entry)) throw new Error("an entry of a change was refused as a duplicate");
    this.#head = headAfter(entry);
    this.entries.push(entry);
    return entry;
  }

  putMembers(members: readonly MemberRecord[]): void {
    for (const { user_id, left_seq } of members) if (left_seq !== null) this.left.push(user_id);
    this.store.putMembers(members);
    this.#adopting.push(() => this.state.setMembers(members));
  }

  putSettings(changed: Partial<ConversationState["record"]>): void {
    const record = { ...this.state.record, ...changed };
    this.store.putSettings(record);
    this.#adopting.push(() => {
      this.state.record = { ...this.state.record, ...changed };
    });
  }

  /** The directory has to hear of the members and the name as they are after this change; `least_version`: see `republish`. */
  publishDirectory(members: Iterable<MemberRecord>, least_version = 0): void {
    const { conversation_id, type, created_by, created_at } = this.state.record;
    const version = Math.max(this.state.record.version + 1, least_version);
    const { name } = this.store.load() ?? this.state.record;
    this.store.setVersion(version);
    this.#adopting.push(() => {
      this.state.record = { ...this.state.record, version };
    });
    this.#outbox.enqueue(
      {
        conversation_id,
        type,
        name,
        created_by,
        created_at,
        version,
        members: Array.from(members, ({ user_id, role, joined_at }) => ({ user_id, role, joined_at })),
      },
      this.now,
    );
  }

  /** The transaction has gone through. */
  adopt(): void {
    for (const adopt of this.#adopting) adopt();
    this.state.head = this.#head;
  }
}
