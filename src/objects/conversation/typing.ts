import { TYPING_EXPIRES_MS } from "../../domain/typing.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Typing } from "../../protocol/frames/typing-indicator.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { TypingPace } from "../runtime/typing-pace.ts";
import type { ConversationSocket } from "./attachment.ts";
import type { Feeds } from "./feeds.ts";
import type { ConversationState } from "./state.ts";

/** In a larger group only those see typing who have it open on screen. */
const SMALL_GROUP = 8;

/** A peer without a connected device is not called again for so long. */
const ABSENT_MS = 15_000;

export interface TypingContext {
  readonly state: ConversationState;
  readonly sockets: SocketSet<ConversationSocket>;
  readonly feeds: Feeds;
  /** Shows it on a user's connected devices; false if there is none. */
  readonly show: (user_id: string, typing: Typing) => PromiseLike<boolean>;
}

/** Who is typing (TYPE-1): said to those who look, stored nowhere. What is lost on the way ends by itself. */
export class ConversationTyping {
  readonly #context: TypingContext;
  readonly #pace = new TypingPace();
  /** Peers who had no device connected, and until when that is believed. */
  readonly #absent = new Map<string, number>();

  constructor(context: TypingContext) {
    this.#context = context;
  }

  /** A member types, or no longer does. */
  say(user_id: string, is_typing: boolean, now: number): Refusal | null {
    const { state } = this.#context;
    if (!state.members.has(user_id)) return refusal("conversation_not_found");
    if (!this.#isSilenced() && this.#pace.admits(user_id, is_typing, now)) {
      this.#tell({ conversation_id: state.id, user_id, is_typing, expires_in_ms: TYPING_EXPIRES_MS }, now);
    }
    return null;
  }

  /** Where nobody's typing is shown: while a stranger waits to be accepted, and where one of two blocks the other. */
  #isSilenced(): boolean {
    const { requests, blockers } = this.#context.state;
    return requests.size > 0 || blockers.size > 0;
  }

  #tell(typing: Typing, now: number): void {
    const text = encodeFrame({ type: "TYPING_INDICATOR", payload: typing });
    for (const [socket, { user_id }] of this.#context.sockets.entries()) {
      if (user_id !== typing.user_id) sendText(socket, text);
    }
    for (const user_id of this.#withDevices(typing.user_id, now)) void this.#show(user_id, typing, now);
  }

  /** Whose devices may be connected: nobody is woken for this. */
  #withDevices(typist_id: string, now: number): string[] {
    const { state, feeds } = this.#context;
    const others = [...state.members.keys()].filter((user_id) => user_id !== typist_id);
    if (state.record.type === "one_on_one")
      return others.filter((user_id) => (this.#absent.get(user_id) ?? 0) <= now);
    return state.members.size <= SMALL_GROUP ? others.filter((id) => feeds.of(id).listening) : [];
  }

  async #show(user_id: string, typing: Typing, now: number): Promise<void> {
    try {
      const isListening = await withTimeLimit(this.#context.show(user_id, typing));
      if (isListening) this.#absent.delete(user_id);
      else this.#absent.set(user_id, now + ABSENT_MS);
    } catch (error) {
      log("warn", "typing was not shown", { conversation_id: typing.conversation_id, ...errorFields(error) });
    }
  }
}
