import { z } from "zod";
import {
  historyPageSchema,
  type MessageDraft,
  type MessageEdit,
  messageSchema,
  readResultSchema,
  receiptsSchema,
} from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { searchHitSchema } from "../../src/protocol/search.ts";
import { type Call, nothingSchema, type PageRequest, segment } from "./call.ts";

/** One of the two, or neither: then the newest page. */
export interface HistoryRequest {
  readonly before_seq?: number;
  readonly after_seq?: number;
  readonly limit?: number;
}

export type Draft = Pick<MessageDraft, "client_message_id" | "content"> &
  Partial<Omit<MessageDraft, "client_message_id" | "content">>;

export interface SearchRequest extends PageRequest {
  readonly q: string;
  readonly sender_id?: string;
  /** Unix milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

export interface ForwardRequest {
  /** Where it goes. */
  readonly conversation_id: string;
  readonly client_message_id: string;
}

/** Messages, their changes, marks and search. */
export function messagesApi(call: Call) {
  const pathOf = (conversation_id: string) => `/api/conversations/${segment(conversation_id)}`;
  const messagePath = (conversation_id: string, message_id: string) =>
    `${pathOf(conversation_id)}/messages/${segment(message_id)}`;
  const reactionPath = (conversation_id: string, message_id: string, emoji: string) =>
    `${messagePath(conversation_id, message_id)}/reactions/${segment(emoji)}`;
  return {
    history: (conversation_id: string, request: HistoryRequest = {}) =>
      call(historyPageSchema, {
        method: "GET",
        path: `${pathOf(conversation_id)}/messages`,
        query: { ...request },
      }),
    /** Repeated with the same `client_message_id` it sends nothing (IDEM-1). */
    sendMessage: (conversation_id: string, draft: Draft) =>
      call(messageSchema, {
        method: "POST",
        path: `${pathOf(conversation_id)}/messages`,
        body: draft,
        repeatable: true,
      }),
    editMessage: (conversation_id: string, message_id: string, edit: MessageEdit) =>
      call(messageSchema, { method: "PUT", path: messagePath(conversation_id, message_id), body: edit }),
    deleteMessage: (conversation_id: string, message_id: string) =>
      call(nothingSchema, { method: "DELETE", path: messagePath(conversation_id, message_id) }),
    /** For the caller alone. */
    hideMessage: (conversation_id: string, message_id: string) =>
      call(nothingSchema, {
        method: "DELETE",
        path: messagePath(conversation_id, message_id),
        query: { for: "me" },
      }),
    /** Passes a message on to another conversation. */
    forwardMessage: (conversation_id: string, message_id: string, to: ForwardRequest) =>
      call(messageSchema, {
        method: "POST",
        path: `${messagePath(conversation_id, message_id)}/forward`,
        body: to,
        repeatable: true,
      }),
    react: (conversation_id: string, message_id: string, emoji: string) =>
      call(messageSchema, { method: "PUT", path: reactionPath(conversation_id, message_id, emoji) }),
    unreact: (conversation_id: string, message_id: string, emoji: string) =>
      call(messageSchema, { method: "DELETE", path: reactionPath(conversation_id, message_id, emoji) }),
    pin: (conversation_id: string, message_id: string) =>
      call(messageSchema, { method: "PUT", path: `${messagePath(conversation_id, message_id)}/pin` }),
    unpin: (conversation_id: string, message_id: string) =>
      call(messageSchema, { method: "DELETE", path: `${messagePath(conversation_id, message_id)}/pin` }),
    pins: (conversation_id: string) =>
      call(z.object({ items: z.array(messageSchema) }), {
        method: "GET",
        path: `${pathOf(conversation_id)}/pins`,
      }),
    markRead: (conversation_id: string, seq: number) =>
      call(readResultSchema, {
        method: "POST",
        path: `${pathOf(conversation_id)}/read`,
        body: { seq },
        repeatable: true,
      }),
    markMessageRead: (conversation_id: string, message_id: string) =>
      call(readResultSchema, {
        method: "POST",
        path: `/api/messages/${segment(message_id)}/read`,
        body: { conversation_id },
        repeatable: true,
      }),
    receipts: (conversation_id: string, message_id: string) =>
      call(receiptsSchema, { method: "GET", path: `${messagePath(conversation_id, message_id)}/receipts` }),
    /** In all of the caller's conversations. */
    searchEverywhere: (request: Omit<SearchRequest, "sender_id">) =>
      call(pageSchema(searchHitSchema), {
        method: "GET",
        path: "/api/messages/search",
        query: { ...request },
      }),
    searchMessages: (conversation_id: string, request: SearchRequest) =>
      call(pageSchema(searchHitSchema), {
        method: "GET",
        path: `${pathOf(conversation_id)}/messages/search`,
        query: { ...request },
      }),
  };
}
