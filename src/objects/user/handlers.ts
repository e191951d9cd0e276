import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { ClientFrame } from "../../protocol/frames/client-frame.ts";
import type { ClientAckFrame } from "../../protocol/frames/message-ack.ts";
import type { MessageSendFrame } from "../../protocol/frames/message-send.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { ClientTypingFrame } from "../../protocol/frames/typing-indicator.ts";
import { ackOf, errorFrame, pongTo } from "../runtime/answers.ts";
import type { FrameReader } from "../runtime/frame-reader.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { DeviceSocket } from "./attachment.ts";
import type { UserDesk } from "./user-desk.ts";

export interface FrameContext {
  readonly desk: UserDesk;
  readonly sockets: SocketSet<DeviceSocket>;
  readonly reader: FrameReader<DeviceSocket>;
}

/** One message of a device socket: a frame, or an array of them. */
export function handleText(
  message: string | ArrayBuffer,
  socket: WebSocket,
  { desk, sockets, reader }: FrameContext,
): void {
  const reply = (frame: ServerFrame) => desk.write(socket, frame);
  for (const frame of reader.read(socket, message, reply)) {
    if (isUse(frame)) sockets.heard(socket, Date.now());
    // Read anew for each frame: the one before may have changed it.
    const session = sockets.sender(socket);
    if (!session) return;
    handleFrame(frame, socket, session, desk, reply);
  }
  // After the frames: what they say of their user comes first.
  desk.people.active();
}

/** Does a user do something by this frame? Not by what a client sends on its own (PRES-1). */
function isUse(frame: ClientFrame): boolean {
  if (frame.type === "MESSAGE_ACK") return frame.payload.status === "read";
  return frame.type !== "HEARTBEAT_PING" && frame.type !== "SYNC_REQUEST";
}

/** One frame of a device socket. Whatever waits does so after the frame has taken its place in order. */
function handleFrame(
  frame: ClientFrame,
  socket: WebSocket,
  session: DeviceSocket,
  desk: UserDesk,
  reply: (frame: ServerFrame) => void,
): void {
  switch (frame.type) {
    case "HEARTBEAT_PING":
      // The exact text is answered without us; this is a ping with more in it.
      reply(pongTo(frame.request_id));
      break;
    case "MESSAGE_SEND":
      answerFailure(sendMessage(frame, session, desk, reply), frame, reply);
      break;
    case "MESSAGE_ACK":
      answerFailure(acknowledge(frame, socket, session, desk, reply), frame, reply);
      break;
    case "TYPING_INDICATOR":
      answerFailure(sayTyping(frame, session, desk, reply), frame, reply);
      break;
    case "PRESENCE_UPDATE":
    case "SYNC_REQUEST": {
      // These cost rows and reads, and no client needs many (LIM-1).
      const cause = desk.quota.takeRequest(session.session_id, Date.now());
      if (cause) reply(errorFrame(cause, frame));
      else if (frame.type === "SYNC_REQUEST") void desk.sync.start(socket, frame.payload.last_sync_id, false);
      else desk.setPresence(socket, session, frame.payload.status, frame.payload.status_text);
      break;
    }
    default:
      frame satisfies never;
  }
}

/** The boundary of what goes on after its frame was taken. */
function answerFailure(work: Promise<void>, frame: ClientFrame, reply: (frame: ServerFrame) => void): void {
  work.catch((error) => {
    log("error", "frame failed", errorFields(error));
    reply(errorFrame(refusal("internal"), { request_id: frame.request_id }));
  });
}

async function sendMessage(
  frame: MessageSendFrame,
  session: DeviceSocket,
  desk: UserDesk,
  reply: (frame: ServerFrame) => void,
): Promise<void> {
  const { request_id } = frame;
  const { conversation_id, ...draft } = frame.payload;
  const { client_message_id } = draft;
  const refuse = (cause: Refusal) =>
    reply(errorFrame(cause, { request_id, conversation_id, client_message_id }));
  // What is refused costs no message (LIM-2), and yet an object is asked, which may be none.
  const cause = desk.isMember(conversation_id)
    ? null
    : desk.quota.takeRequest(session.session_id, Date.now());
  if (cause) {
    refuse(cause);
    return;
  }
  const result = await desk.send(conversation_id, { device_id: session.device_id, draft });
  if (result.ok) reply(ackOf(result.value, request_id));
  else refuse(result.refusal);
}

async function sayTyping(
  frame: ClientTypingFrame,
  session: DeviceSocket,
  desk: UserDesk,
  reply: (frame: ServerFrame) => void,
): Promise<void> {
  const cause = await desk.typing.say(session, frame.payload, Date.now());
  if (cause) reply(errorFrame(cause, frame));
}

async function acknowledge(
  frame: ClientAckFrame,
  socket: WebSocket,
  session: DeviceSocket,
  desk: UserDesk,
  reply: (frame: ServerFrame) => void,
): Promise<void> {
  const { conversation_id, seq, status } = frame.payload;
  // A read mark that moves is counted by its conversation (LIM-1).
  const isRequest = status === "read" && desk.reads.isNews(conversation_id, seq);
  const cause = isRequest ? desk.quota.takeRequest(session.session_id, Date.now()) : null;
  if (cause) {
    reply(errorFrame(cause, frame));
    return;
  }
  const isKnown = desk.acknowledge(socket, session, conversation_id, seq);
  if (status === "read") {
    // A conversation may be too new for the inbox: only itself knows who is not a member.
    const result = await desk.reads.read(conversation_id, seq);
    if (!result.ok) reply(errorFrame(result.refusal, frame));
  } else if (!isKnown) reply(errorFrame(refusal("conversation_not_found"), frame));
}
