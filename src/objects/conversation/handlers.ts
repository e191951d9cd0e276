import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { ClientFrame } from "../../protocol/frames/client-frame.ts";
import type { ClientAckFrame } from "../../protocol/frames/message-ack.ts";
import type { MessageSendFrame } from "../../protocol/frames/message-send.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { ClientTypingFrame } from "../../protocol/frames/typing-indicator.ts";
import { errorFrame, pongTo } from "../runtime/answers.ts";
import type { Allowances } from "./allowances.ts";
import type { ConversationSocket } from "./attachment.ts";
import { markNow, type Pending } from "./commit.ts";

/** What the handlers of frames may do. Each runs without waiting, so that frames keep their order. */
export interface FrameContext {
  readonly conversation_id: string;
  readonly allowances: Allowances;
  reply(frame: ServerFrame): void;
  enqueue(pending: Pending): void;
  typing(user_id: string, is_typing: boolean): Refusal | null;
  /** A read mark is a request of its user, since what it leaves unread is counted (LIM-1). */
  admitRead(user_id: string): Refusal | null;
}

/** One frame of a conversation socket; no waiting, so that frames keep their order. */
export function handleFrame(
  frame: ClientFrame,
  session: ConversationSocket,
  socket: WebSocket,
  context: FrameContext,
): void {
  switch (frame.type) {
    case "HEARTBEAT_PING":
      // The exact text is answered without us; this is a ping with more in it.
      context.reply(pongTo(frame.request_id));
      break;
    case "MESSAGE_SEND":
      sendMessage(frame, session, socket, context);
      break;
    case "MESSAGE_ACK":
      moveMark(frame, session, socket, context);
      break;
    case "TYPING_INDICATOR":
      say(frame, session, context);
      break;
    case "PRESENCE_UPDATE":
    case "SYNC_REQUEST":
      context.reply(errorFrame(refusal("invalid_request", "This frame belongs on the device socket"), frame));
      break;
    default:
      frame satisfies never;
  }
}

function sendMessage(
  frame: MessageSendFrame,
  session: ConversationSocket,
  socket: WebSocket,
  context: FrameContext,
): void {
  const { conversation_id, ...draft } = frame.payload;
  const { request_id } = frame;
  const { client_message_id } = draft;
  const refuse = (cause: Refusal) => context.reply(errorFrame(cause, { request_id, client_message_id }));
  if (conversation_id !== context.conversation_id) {
    refuse(refusal("conversation_not_found"));
    return;
  }
  const { user_id, device_id } = session;
  context.allowances.spend(user_id, {
    admit: () =>
      context.enqueue({ kind: "draft", user_id, device_id, draft, socket, request_id, answer: null }),
    refuse,
  });
}

function say(frame: ClientTypingFrame, { user_id }: ConversationSocket, context: FrameContext): void {
  const { conversation_id, is_typing } = frame.payload;
  const isHere = conversation_id === context.conversation_id;
  const cause = isHere ? context.typing(user_id, is_typing) : refusal("conversation_not_found");
  if (cause) context.reply(errorFrame(cause, frame));
}

function moveMark(
  frame: ClientAckFrame,
  session: ConversationSocket,
  socket: WebSocket,
  context: FrameContext,
): void {
  const { conversation_id, status, seq } = frame.payload;
  if (conversation_id !== context.conversation_id) {
    context.reply(errorFrame(refusal("conversation_not_found"), frame));
    return;
  }
  const { user_id, device_id } = session;
  const cause = status === "read" ? context.admitRead(user_id) : null;
  if (cause) {
    context.reply(errorFrame(cause, frame));
    return;
  }
  context.enqueue({ ...markNow(user_id, status, seq), origin: { socket, device_id } });
}
