import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { makeFolder } from "../servers/data-folder.ts";
import { readDraft } from "./frames.ts";
import { MessageStore } from "./store.ts";

/**
 * What a developer would write instead of UIM in an afternoon: one Node process, `ws`, one SQLite file. Each message is on
 * disk before it is acked and pushed, in a transaction of its own. It knows no sign-in, no second device, no offline
 * delivery and no unread counts. A client says who it is in the path: /user/<user_id>.
 */
const folder = makeFolder();
const store = new MessageStore(path.join(folder, "messages.db"));
const sockets = new Map<string, WebSocket>();

const http = createServer();
const webSockets = new WebSocketServer({ server: http, perMessageDeflate: false });

webSockets.on("connection", (socket, request) => {
  const user_id = request.url?.split("/")[2] ?? "";
  sockets.set(user_id, socket);
  socket.on("message", (data) => {
    const value: unknown = JSON.parse(String(data));
    for (const frame of Array.isArray(value) ? value : [value]) handle(socket, user_id, frame);
  });
  socket.on("close", () => sockets.delete(user_id));
  socket.send(`{"type":"CONNECTED","payload":{"user_id":"${user_id}"}}`);
});

function handle(socket: WebSocket, sender_id: string, frame: unknown): void {
  const draft = readDraft(frame);
  if (!draft) return;
  const message = store.append(sender_id, draft);
  const { conversation_id, client_message_id, message_id, seq, created_at } = message;
  const ack = { conversation_id, client_message_id, message_id, seq, created_at, duplicate: false };
  socket.send(JSON.stringify({ type: "MESSAGE_ACK", payload: { status: "sent", ...ack } }));
  const text = JSON.stringify({ type: "MESSAGE_RECEIVE", timestamp: created_at, payload: message });
  for (const user_id of store.members(conversation_id)) {
    if (user_id !== sender_id) sockets.get(user_id)?.send(text);
  }
}

/** The process that forked this one names the conversations, and is told the port. */
process.once("message", (conversations: Record<string, string[]>) => {
  store.addConversations(conversations);
  http.listen(0, "127.0.0.1", () => process.send?.((http.address() as AddressInfo).port));
});
process.once("disconnect", () => process.exit(0));
