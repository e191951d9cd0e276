import { DurableObject } from "cloudflare:workers";
import type { Identity } from "../../domain/identity.ts";
import type { Inbox } from "../../domain/inbox.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { invalidRequest, type Refusal } from "../../protocol/errors.ts";
import type { InboxSettings } from "../../protocol/inbox.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import { storedRow } from "./frames.ts";
import { decodeInboxCursor, encodeInboxCursor, type InboxQuery } from "./inbox-query.ts";
import type { Spend, StoredInboxRow } from "./rpc.ts";
import type { UserStore } from "./store.ts";
import type { UserDesk } from "./user-desk.ts";

/** What the entry points of the inbox need of their object. */
export interface InboxParts {
  readonly store: UserStore;
  /** Null until the user has registered. */
  desk(): UserDesk | null;
}

/** The entry points of a user's object that are about its inbox alone. */
export abstract class InboxEntryPoints extends DurableObject<Env> {
  /** A property of the instance: a method could be called from outside. */
  protected abstract readonly parts: InboxParts;

  abstract admit(identity: Identity, spend: Spend): Promise<Refusal | null>;

  async listInbox(identity: Identity, query: InboxQuery): Promise<Result<Page<StoredInboxRow>>> {
    const cause = await this.admit(identity, "request");
    if (cause) return refused(cause);
    const desk = registered(this.parts);
    await desk.fetchHeldBack();
    return pageOf(desk, query, storedRow);
  }

  async listConversations(query: PageQuery): Promise<Result<Page<string>>> {
    return pageOf(registered(this.parts), query, ({ conversation_id }) => conversation_id);
  }

  async changeSettings(
    identity: Identity,
    conversation_id: string,
    settings: InboxSettings,
  ): Promise<Result<StoredInboxRow>> {
    const cause = await this.admit(identity, "request");
    return cause ? refused(cause) : registered(this.parts).settings.change(conversation_id, settings);
  }

  async acceptRequest(identity: Identity, conversation_id: string): Promise<Refusal | null> {
    const cause = await this.admit(identity, "request");
    return cause ?? registered(this.parts).settings.acceptRequest(conversation_id);
  }

  async conversationIds(after_id: string, limit: number): Promise<string[]> {
    return this.parts.desk() ? this.parts.store.conversationIds(after_id, limit) : [];
  }
}

function registered({ desk }: InboxParts): UserDesk {
  const found = desk();
  if (!found) throw new Error("the user has no session yet");
  return found;
}

function pageOf<T>({ book }: UserDesk, query: InboxQuery, itemOf: (row: Inbox) => T): Result<Page<T>> {
  const { cursor, limit, sort = "activity" } = query;
  const after = cursor === undefined ? null : decodeInboxCursor(sort, cursor);
  if (cursor !== undefined && !after)
    return refused(invalidRequest([{ path: "cursor", message: "is not one of ours" }]));
  const rows = book.page(query, after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return accepted({
    items: shown.map(itemOf),
    next_cursor: rows.length > limit && last ? encodeInboxCursor(sort, last) : null,
  });
}
