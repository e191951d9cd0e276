import { reactionKey } from "./client/message-wishes.ts";
import { EMOJI } from "./deed.ts";
import { MAX_SKEW_MS } from "./faults.ts";
import { GroupModel } from "./group-model.ts";
import type { Evidence } from "./invariants.ts";
import type { LogRow, Tables } from "./tables.ts";
import type { Chat } from "./world.ts";

/** What must hold for the log of one conversation, by itself and against what anybody was told of it. */
export class LogCheck {
  readonly #evidence: Evidence;
  readonly #chat: Chat;
  readonly #tables: Tables;

  constructor(evidence: Evidence, chat: Chat, tables: Tables) {
    this.#evidence = evidence;
    this.#chat = chat;
    this.#tables = tables;
  }

  run(model: GroupModel): void {
    this.#checkOrder();
    this.#checkSeen();
    this.#checkMessages();
    this.#checkGroupChanges();
    this.#checkTurnedAway(model);
    this.#checkInvitations();
  }

  get #id(): string {
    return this.#chat.seed.conversation_id;
  }

  #violated(rule: string, detail: string): void {
    this.#evidence.platform.violated(rule, `${this.#id}: ${detail}`);
  }

  #checkOrder(): void {
    const sent = new Set<string>();
    let last_id = "";
    for (const [index, { seq, message_id, sender_id, client_message_id }] of this.#tables.log.entries()) {
      if (seq !== index + 1) this.#violated("SEQ-1", `${seq} stands in place ${index + 1}`);
      if (message_id <= last_id)
        this.#violated("SEQ-3", `the id of ${seq} does not sort after the one before`);
      last_id = message_id;
      if (client_message_id === null) continue;
      const key = `${sender_id} ${client_message_id}`;
      if (sent.has(key)) this.#violated("IDEM-1", `${client_message_id} is stored twice`);
      sent.add(key);
    }
  }

  /** What was acknowledged, and what anybody was shown, is there (SEND-1, SEND-2). */
  #checkSeen(): void {
    const { log } = this.#tables;
    const { acks, entries } = this.#evidence.ledger;
    for (const { sender_id, ack } of acks.values()) {
      if (ack.conversation_id !== this.#id) continue;
      const stored = log[ack.seq - 1];
      const isThere =
        stored?.message_id === ack.message_id &&
        stored.sender_id === sender_id &&
        stored.client_message_id === ack.client_message_id;
      if (!isThere) this.#violated("SEND-1", `${ack.client_message_id}, acknowledged as ${ack.seq}, is lost`);
    }
    for (const [seq, seen] of entries.get(this.#id) ?? []) {
      if (log[seq - 1]?.message_id !== seen.message_id) {
        this.#violated("SEND-2", `${seq} was shown, and is not what is stored`);
      }
    }
  }

  /** Each message has come to what it was asked to be, as far as that was answered (SEND-1). */
  #checkMessages(): void {
    for (const row of this.#tables.log) {
      if (row.kind !== "message") continue;
      this.#checkDeletion(row);
      if (row.deleted_at !== null) continue;
      this.#checkState(row);
      this.#checkReactions(row);
    }
  }

  #checkDeletion({ seq, message_id, content, deleted_at }: LogRow): void {
    const isDeleted = deleted_at !== null;
    if (!this.#evidence.ledger.messages.deletions.of(message_id).allows(isDeleted))
      this.#violated("SEND-1", `${seq} is ${isDeleted ? "deleted" : "there"}, and was not to be`);
    if (isDeleted && content !== "") this.#violated("SEND-1", `${seq} is deleted, and says ${content}`);
  }

  #checkState({ seq, message_id, content, edited_at, pinned_at }: LogRow): void {
    const { texts, pins } = this.#evidence.ledger.messages;
    if (!texts.of(message_id).allows(edited_at === null ? null : content))
      this.#violated("SEND-1", `${seq} says ${content}, and another edit was acknowledged`);
    if (!pins.of(message_id).allows(pinned_at !== null))
      this.#violated(
        "SEND-1",
        `${seq} is ${pinned_at === null ? "not " : ""}pinned, and was to be otherwise`,
      );
  }

  #checkReactions({ seq, message_id }: LogRow): void {
    const { reactions } = this.#evidence.ledger.messages;
    const there = this.#tables.reactions.filter((reaction) => reaction.seq === seq);
    for (const { user_id, username } of this.#chat.people)
      for (const emoji of EMOJI) {
        const isThere = there.some((one) => one.user_id === user_id && one.emoji === emoji);
        if (!reactions.of(reactionKey(message_id, user_id, emoji)).allows(isThere))
          this.#violated("SEND-1", `${username} has ${isThere ? "" : "not "}reacted to ${seq} with ${emoji}`);
      }
  }

  /** What somebody was told to have made of the group, the log says at that place. */
  #checkGroupChanges(): void {
    const { log, hidden } = this.#tables;
    for (const { conversation_id, command, head_seq } of this.#evidence.ledger.groupChanges) {
      if (conversation_id !== this.#id) continue;
      const then = new GroupModel(this.#chat, { log: log.slice(0, head_seq), hidden });
      if (log.length < head_seq || !then.follows(command))
        this.#violated(
          "CONV-3",
          `${JSON.stringify(command)} was acknowledged at ${head_seq}, and is not there`,
        );
    }
  }

  /** Who was a member all the while is not told that there is no such conversation (CONV-4). */
  #checkTurnedAway(model: GroupModel): void {
    for (const { conversation_id, user_id, asked_at, answered_at } of this.#evidence.ledger.turnedAway) {
      if (conversation_id !== this.#id) continue;
      const wasMember = model
        .stintsOf(user_id)
        .some(
          ({ joined_at, left_at }) =>
            joined_at + MAX_SKEW_MS < asked_at && answered_at < left_at - MAX_SKEW_MS,
        );
      if (wasMember) this.#violated("CONV-4", `${user_id}, a member, was told that it does not exist`);
    }
  }

  #checkInvitations(): void {
    const { log, invites } = this.#tables;
    const invitations = this.#evidence.ledger.invitationsTo(this.#id);
    const { maxUses } = invitations;
    for (const { uses, max_uses } of invites)
      if (uses > (max_uses ?? Infinity))
        this.#violated("an invitation ends", `one for ${max_uses} was used by ${uses}`);
    const came = log.filter(({ event }) => event?.change === "member_added" && event.by_invite);
    if (came.length > maxUses)
      this.#violated("an invitation ends", `${came.length} have come by invitations for ${maxUses}`);
    for (const { seq, created_at } of came)
      if (!invitations.wereOpenAt(created_at))
        this.#violated("an invitation ends", `somebody came by one with ${seq}, when none was open`);
  }
}
