import { refusal } from "../../protocol/errors.ts";
import type { ClientFrame } from "../../protocol/frames/client-frame.ts";
import type { ClientAckFrame } from "../../protocol/frames/message-ack.ts";
import type { MessageSendFrame } from "../../protocol/frames/message-send.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import { ackOf, errorFrame, pongTo } from "../runtime/answers.ts";
import type { DeviceSocket } from "./attachment.ts";
import type { UserDesk } from "./user-desk.ts";

/** One frame of a device socket. Whatever waits does so after the frame has taken its place in order. */
export function handleFrame(
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
      void sendMessage(frame, session, desk, reply);
      break;
    case "MESSAGE_ACK":
      void acknowledge(frame, socket, session, desk, reply);
      break;
    case "PRESENCE_UPDATE":
      desk.setPresence(socket, session, frame.payload.status, frame.payload.status_text);
      break;
    case "SYNC_REQUEST":
      void desk.sync.start(socket, frame.payload.last_sync_id, false);
      break;
    default:
      frame satisfies never;
  }
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
  const result = await desk.send(session.device_id, conversation_id, draft);
  if (result.ok) reply(ackOf(result.value, request_id));
  else reply(errorFrame(result.refusal, { request_id, conversation_id, client_message_id }));
}

async function acknowledge(
  frame: ClientAckFrame,
  socket: WebSocket,
  session: DeviceSocket,
  desk: UserDesk,
  reply: (frame: ServerFrame) => void,
): Promise<void> {
  const { conversation_id, seq, status } = frame.payload;
  if (!desk.acknowledge(socket, session, conversation_id, seq)) {
    reply(errorFrame(refusal("conversation_not_found"), frame));
  } else if (status === "read") {
    const result = await desk.read(conversation_id, seq);
    if (!result.ok) reply(errorFrame(result.refusal, frame));
  }
}
