import type { Message, MessageUpdate } from "../../src/protocol/message.ts";

/** What an entry of a log is to whoever listens. Those of one conversation are told in order, each once. */
export type LogEvent =
  /** A message by somebody else. */
  | { readonly name: "message"; readonly value: Message }
  /** A message was edited, deleted, pinned or reacted to. */
  | { readonly name: "change"; readonly value: MessageUpdate }
  /** Something happened to a group: a system message, whose `event` says what. */
  | { readonly name: "event"; readonly value: Message };
