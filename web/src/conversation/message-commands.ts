import type { ShownMessage } from "../../../sdk/index.ts";

/** What can be done with a message, wherever it is shown. */
export interface MessageCommands {
  readonly reply: (message: ShownMessage) => void;
  readonly edit: (message: ShownMessage) => void;
  readonly remove: (message: ShownMessage) => void;
  readonly forward: (message: ShownMessage) => void;
  readonly copy: (message: ShownMessage) => void;
  readonly togglePin: (message: ShownMessage) => void;
  /** Adds one's own reaction, or takes it back. */
  readonly toggleReaction: (message: ShownMessage, emoji: string) => void;
  readonly retry: (message: ShownMessage) => void;
  readonly discard: (message: ShownMessage) => void;
  readonly jumpTo: (seq: number) => void;
}
