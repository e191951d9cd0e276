import { handedTo, type PublishedEntry } from "../../domain/hand-over.ts";
import type { Result } from "../../domain/result.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { SentAck } from "../../protocol/message.ts";
import { ackOf, errorFrame } from "../runtime/answers.ts";
import { entryText } from "../runtime/entry-text.ts";
import { encodeFrame, inBatches, sendFrames, sendText } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import type { DraftOutcome, PendingDraft } from "./commit.ts";

/** Answers one message outside a commit. */
export function answerDraft(
  pending: PendingDraft,
  result: Result<SentAck>,
  sockets: SocketSet<ConversationSocket>,
): void {
  pending.answer?.(result);
  const { socket } = pending;
  if (!socket) return;
  sendFrames(socket, sockets.session(socket)?.batch ?? false, [encodeFrame(answerFrame(pending, result))]);
}

/** What the sender of a message hears: its ack, or why not. */
function answerFrame(pending: PendingDraft, result: Result<SentAck>): ServerFrame {
  const { request_id, draft } = pending;
  const { client_message_id } = draft;
  return result.ok
    ? ackOf(result.value, request_id)
    : errorFrame(result.refusal, { request_id, client_message_id });
}

/**
 * Tells the conversation's sockets what a commit did, ascending by `seq` on each (SEQ-2): the sockets that sent get their
 * answers among the others' messages; all the rest get one and the same text, encoded once. `entries`: the new entry of
 * each outcome, or null.
 */
export function broadcastCommit(
  sockets: SocketSet<ConversationSocket>,
  outcomes: readonly DraftOutcome[],
  entries: readonly (PublishedEntry | null)[],
  now: number,
): void {
  const texts = entries.map((entry) => entry && entryText(entry.handed, { timestamp: now }));
  const senders = new Set(outcomes.flatMap(({ pending }) => pending.socket ?? []));
  for (const sender of senders) {
    const frames = outcomes.flatMap(({ pending, result }, index) =>
      pending.socket === sender ? encodeFrame(answerFrame(pending, result)) : (texts[index] ?? []),
    );
    sendFrames(sender, sockets.session(sender)?.batch ?? false, frames);
  }
  const shared = texts.filter((text) => text !== null);
  if (shared.length === 0) return;
  const batches = inBatches(shared);
  for (const [socket, session] of sockets.entries()) {
    if (senders.has(socket)) continue;
    for (const text of session.batch ? batches : shared) sendText(socket, text);
  }
}

/** Tells the conversation's sockets of entries that are no messages, each member as it sees them. */
export function broadcastChanges(
  sockets: SocketSet<ConversationSocket>,
  entries: readonly PublishedEntry[],
  now: number,
): void {
  for (const [socket, { user_id, batch }] of sockets.entries()) {
    const texts = entries.map((entry) => entryText(handedTo(entry, user_id), { timestamp: now }));
    sendFrames(socket, batch, texts);
  }
}
