import type { GroupCommand } from "../../src/objects/conversation/commands.ts";
import type { Role } from "../../src/protocol/roles.ts";
import type { LogRow, Tables } from "./tables.ts";
import type { Chat } from "./world.ts";

/** A time as a member: it reads the entries after `joined_seq`, up to `left_seq` if it has one. */
export interface Stint {
  readonly joined_seq: number;
  readonly joined_at: number;
  left_seq: number | null;
  left_at: number;
}

interface ModelMessage {
  readonly sender_id: string;
  isDeleted: boolean;
  isPinned: boolean;
  mentions: readonly string[];
}

/** A group as its entries say it is, one after the other; and what members have hidden, of which no entry speaks. */
export class GroupModel {
  readonly roles = new Map<string, Role>();
  readonly stints = new Map<string, Stint[]>();
  readonly messages = new Map<number, ModelMessage>();
  name: string | null;
  description: string | null;
  readonly #hidden: Tables["hidden"];

  constructor({ seed }: Chat, { log, hidden }: Pick<Tables, "log" | "hidden">) {
    this.#hidden = hidden;
    this.name = seed.name;
    this.description = seed.description;
    for (const { user_id, role } of seed.members) this.#join(user_id, role, 0, Number.NEGATIVE_INFINITY);
    for (const row of log) this.#apply(row);
  }

  stintsOf(user_id: string): readonly Stint[] {
    return this.stints.get(user_id) ?? [];
  }

  isMember(user_id: string): boolean {
    return this.roles.has(user_id);
  }

  /** What a member has deleted for itself. */
  hiddenBy(user_id: string): ReadonlySet<number> {
    return this.#hidden.get(user_id) ?? new Set();
  }

  /** What is unread for somebody who has read up to there (UNR-1). */
  unreadFor(user_id: string, read_seq: number): { unread: number; mentions: number } {
    const hidden = this.hiddenBy(user_id);
    const unread = [...this.messages].filter(
      ([seq, { sender_id, isDeleted }]) =>
        seq > read_seq && sender_id !== user_id && !isDeleted && !hidden.has(seq),
    );
    const mentions = unread.filter(([, message]) => message.mentions.includes(user_id));
    return { unread: unread.length, mentions: mentions.length };
  }

  /** Has it come to what somebody made of it? */
  follows(command: GroupCommand): boolean {
    switch (command.kind) {
      case "update": {
        const { name = this.name, description = this.description } = command.update;
        return this.name === name && this.description === description;
      }
      case "add":
        return command.joining.every(({ user_id }) => this.isMember(user_id));
      case "remove":
        return !this.isMember(command.user_id);
      case "set_role":
        return this.roles.get(command.user_id) === command.role;
      case "delete":
        return this.roles.size === 0;
    }
  }

  #apply(row: LogRow): void {
    const { kind, sender_id, mentions, first_mentions, event, seq } = row;
    const target = this.messages.get(row.target_seq ?? 0);
    if (kind === "message")
      this.messages.set(seq, {
        sender_id,
        isDeleted: false,
        isPinned: false,
        mentions: first_mentions ?? mentions,
      });
    else if (kind === "event" && event) this.#happen(row, event);
    else if (!target) throw new Error(`entry ${seq} is about a message that is not there`);
    else if (kind === "deleted") Object.assign(target, { isDeleted: true, isPinned: false, mentions: [] });
    else if (kind === "edited") target.mentions = mentions;
    else if (kind === "pinned") target.isPinned = !target.isPinned;
  }

  #happen({ seq, created_at }: LogRow, event: NonNullable<LogRow["event"]>): void {
    switch (event.change) {
      case "renamed":
        this.name = event.name;
        break;
      case "settings_changed":
        if (event.settings.description !== undefined) this.description = event.settings.description;
        break;
      case "member_added":
        for (const user_id of event.user_ids) this.#join(user_id, "member", seq - 1, created_at);
        break;
      case "member_removed":
        for (const user_id of event.user_ids) this.#leave(user_id, seq, created_at);
        break;
      case "role_changed":
        this.roles.set(event.user_id, event.role);
        break;
      case "deleted":
        for (const user_id of [...this.roles.keys()]) this.#leave(user_id, seq, created_at);
        break;
    }
  }

  #join(user_id: string, role: Role, joined_seq: number, joined_at: number): void {
    this.roles.set(user_id, role);
    const stint = { joined_seq, joined_at, left_seq: null, left_at: Number.POSITIVE_INFINITY };
    this.stints.set(user_id, [...this.stintsOf(user_id), stint]);
  }

  #leave(user_id: string, left_seq: number, left_at: number): void {
    this.roles.delete(user_id);
    const stint = this.stints.get(user_id)?.at(-1);
    if (stint) Object.assign(stint, { left_seq, left_at });
  }
}
