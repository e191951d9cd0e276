import type { ShownMessage } from "../../../sdk/index.ts";

/** What is settled in a dialog of its own. */
export type Question = "forward" | "delete" | "info" | "react";

/** What can be done with a message, wherever it is shown. */
export interface MessageCommands {
  readonly reply: (message: ShownMessage) => void;
  readonly edit: (message: ShownMessage) => void;
  readonly ask: (about: Question, message: ShownMessage) => void;
  readonly copy: (message: ShownMessage) => void;
  readonly togglePin: (message: ShownMessage) => void;
  /** Adds one's own reaction, or takes it back. */
  readonly toggleReaction: (message: ShownMessage, emoji: string) => void;
  readonly retry: (message: ShownMessage) => void;
  readonly discard: (message: ShownMessage) => void;
  readonly jumpTo: (seq: number) => void;
}
