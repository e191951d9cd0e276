import type { Identity } from "../../domain/identity.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { ConnectedFrame } from "../../protocol/frames/connected.ts";
import type { ErrorFrame } from "../../protocol/frames/error.ts";
import type { HeartbeatPongFrame } from "../../protocol/frames/heartbeat.ts";
import type { ServerAckFrame } from "../../protocol/frames/message-ack.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { SentAck } from "../../protocol/message.ts";

/** Which frame is answered: by its `request_id`, and a send also by its own ids. */
export interface Answered {
  readonly request_id?: string | undefined;
  readonly conversation_id?: string;
  readonly client_message_id?: string;
}

export function errorFrame(refusal: Refusal, answered: Answered = {}): ErrorFrame {
  const { conversation_id, client_message_id, request_id } = answered;
  const details = {
    ...(refusal.errors && { errors: [...refusal.errors] }),
    ...(conversation_id !== undefined && { conversation_id }),
    ...(client_message_id !== undefined && { client_message_id }),
  };
  return {
    type: "ERROR",
    ...(request_id !== undefined && { request_id }),
    payload: {
      code: refusal.code,
      message: refusal.message,
      ...(refusal.retry_after_ms !== undefined && { retry_after_ms: refusal.retry_after_ms }),
      ...(Object.keys(details).length > 0 && { details }),
    },
  };
}

/** Tells a sender that its message is durable (SEND-1). */
export function ackOf(ack: SentAck, request_id: string | undefined): ServerAckFrame {
  return { type: "MESSAGE_ACK", ...(request_id !== undefined && { request_id }), payload: ack };
}

export function pongTo(request_id: string | undefined): HeartbeatPongFrame {
  return { type: "HEARTBEAT_PONG", ...(request_id !== undefined && { request_id }) };
}

/** Greets a socket; `place` says where its kind stands: in the inbox, or in its conversation. */
export function connectedFrame(
  identity: Identity,
  limits: Limits,
  now: number,
  place: Pick<ConnectedFrame["payload"], "sync_id" | "conversation_id" | "head_seq">,
): ConnectedFrame {
  const { user_id, session_id, device_id } = identity;
  return {
    type: "CONNECTED",
    timestamp: now,
    payload: {
      protocol: "uim.v1",
      user_id,
      device_id,
      session_id,
      server_time: now,
      heartbeat_interval_ms: limits.heartbeat_interval_ms,
      limits,
      ...place,
    },
  };
}
