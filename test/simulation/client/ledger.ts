import type { GroupCommand } from "../../../src/objects/conversation/commands.ts";
import type { Message, SentAck } from "../../../src/protocol/message.ts";
import { FurthestMarks } from "./furthest-marks.ts";
import { Invitations } from "./invitations.ts";
import { MessageWishes } from "./message-wishes.ts";
import { WishBook, type Wishes } from "./wishes.ts";

/** An entry as a client saw it, and a rule if that contradicts what was seen before. */
type Report = (rule: string, detail: string) => void;

/** Somebody was answered that there is no such conversation for it. */
export interface TurnedAway {
  readonly user_id: string;
  readonly conversation_id: string;
  readonly asked_at: number;
  readonly answered_at: number;
}

/** Somebody was told that it has changed a group, whose log ended at `head_seq` then. */
export interface GroupChange {
  readonly conversation_id: string;
  readonly command: GroupCommand;
  readonly head_seq: number;
}

/** Everything the clients were told, by whomever: what the logs must agree with in the end. */
export class Ledger {
  /** By conversation and `seq`. */
  readonly entries = new Map<string, Map<number, Message>>();
  readonly turnedAway: TurnedAway[] = [];
  readonly groupChanges: GroupChange[] = [];
  readonly messages = new MessageWishes();
  /** Also to who read it itself: what was answered, or shown in its inbox, is told. */
  readonly marks = new FurthestMarks();
  /** By user, the messages of which it was told that they are deleted for it. */
  readonly hidden = new Map<string, Set<string>>();
  /** By conversation, sender and `client_message_id`. */
  readonly acks = new Map<string, { readonly sender_id: string; readonly ack: SentAck }>();
  /** By conversation and member: until when it is muted. */
  readonly #mutes = new WishBook<number | null>(null);
  /** By conversation. */
  readonly #invitations = new Map<string, Invitations>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  saw(message: Message): void {
    const { conversation_id, seq, message_id } = message;
    let entries = this.entries.get(conversation_id);
    if (!entries) {
      entries = new Map();
      this.entries.set(conversation_id, entries);
    }
    const known = entries.get(seq);
    if (!known) entries.set(seq, message);
    else if (known.message_id !== message_id || isContradicted(known, message)) {
      this.#report("SEQ-1", `entry ${seq} of ${conversation_id} was two different messages`);
    }
  }

  mutesOf(conversation_id: string, user_id: string): Wishes<number | null> {
    return this.#mutes.of(`${conversation_id} ${user_id}`);
  }

  invitationsTo(conversation_id: string): Invitations {
    const invitations = this.#invitations.get(conversation_id) ?? new Invitations();
    this.#invitations.set(conversation_id, invitations);
    return invitations;
  }

  hid(user_id: string, message_id: string): void {
    this.hidden.set(user_id, (this.hidden.get(user_id) ?? new Set()).add(message_id));
  }

  acknowledged(sender_id: string, ack: SentAck): void {
    const key = `${ack.conversation_id} ${sender_id} ${ack.client_message_id}`;
    const known = this.acks.get(key)?.ack;
    if (!known) this.acks.set(key, { sender_id, ack });
    else if (known.seq !== ack.seq || known.message_id !== ack.message_id) {
      this.#report("IDEM-1", `${ack.client_message_id} was acknowledged as ${known.seq} and as ${ack.seq}`);
    }
  }
}

/** The text of a message differs only where it was edited in between; a deletion, and what may not be read, takes it away. */
function isContradicted(one: Message, other: Message): boolean {
  const hasText = one.content !== "" && other.content !== "";
  return hasText && one.edited_at === other.edited_at && one.content !== other.content;
}
