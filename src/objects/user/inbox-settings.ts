import type { Inbox } from "../../domain/inbox.ts";
import { changeSettings } from "../../domain/inbox-settings.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { InboxSettings } from "../../protocol/inbox.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { callWithRetry, withTimeLimit } from "../runtime/time-limit.ts";
import { storedRow } from "./frames.ts";
import type { InboxBook } from "./inbox-book.ts";
import type { StoredInboxRow } from "./rpc.ts";

export interface InboxSettingsContext {
  readonly user_id: string;
  readonly book: InboxBook;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "serve" | "act">;
  /** The row has changed. */
  readonly show: (inbox: Inbox) => void;
}

/** What a user decides for itself about its conversations: one row for each change, and none where nothing changes. */
export class InboxSettingsDesk {
  readonly #context: InboxSettingsContext;

  constructor(context: InboxSettingsContext) {
    this.#context = context;
  }

  async change(conversation_id: string, settings: InboxSettings): Promise<Result<StoredInboxRow>> {
    const known = await this.#row(conversation_id);
    if (!known.ok) return known;
    const next = changeSettings(known.value, settings);
    if (next === known.value) return accepted(storedRow(next));
    const saved = this.#context.book.save(next);
    this.#context.show(saved);
    return accepted(storedRow(saved));
  }

  /** The conversation is asked first: what it has not heard of, no row may say. */
  async acceptRequest(conversation_id: string): Promise<Refusal | null> {
    const { user_id, book, conversation, show } = this.#context;
    const row = await this.#row(conversation_id);
    if (!row.ok) return row.refusal;
    if (!row.value.is_request) return null;
    try {
      const cause = await callWithRetry(() => conversation(conversation_id).act(user_id, { kind: "accept" }));
      if (cause) return { ...cause };
    } catch (error) {
      log("warn", "a request was not accepted", { conversation_id, ...errorFields(error) });
      return refusal("unavailable");
    }
    // Unless a hand-over has said so already.
    const known = book.get(conversation_id);
    if (known?.is_request) show(book.save({ ...known, is_request: false }));
    return null;
  }

  /** The row of a conversation that its user is in; who has just joined may come before it. */
  async #row(conversation_id: string): Promise<Result<Inbox>> {
    const { user_id, conversation } = this.#context;
    const known = this.#current(conversation_id);
    if (known) return accepted(known);
    try {
      // It costs nothing where there is none, or where the user is no member (LIM-2).
      const isMember = await withTimeLimit(conversation(conversation_id).serve(user_id));
      const served = this.#current(conversation_id);
      if (served) return accepted(served);
      return refused(refusal(isMember ? "unavailable" : "conversation_not_found"));
    } catch (error) {
      log("warn", "a conversation did not serve", { conversation_id, ...errorFields(error) });
      return refused(refusal("unavailable"));
    }
  }

  /** Null where its user is no member, or has not been told so. */
  #current(conversation_id: string): Inbox | null {
    const inbox = this.#context.book.get(conversation_id);
    return inbox?.left_seq === null ? inbox : null;
  }
}
