/** What a load generator reads of a frame. `batch`-frames are scanned, not parsed: parsing would cost more than serving. */
export interface FrameVisitor {
  /** The sender's message is durable; `seq` is 0 if it only came back from an echo server. */
  onSent(key: string, seq: number): void;
  /** Someone's message. */
  onReceive(key: string, seq: number): void;
  /** Any other frame, by its type. */
  onOther(type: string, text: string): void;
}

const START = '{"type":"';
const SEQ = '"seq":';
const KEY = '"client_message_id":"';
/** Where a frame's type begins, and where those of MESSAGE_… begin to differ. */
const TYPE_AT = START.length;
const VERB_AT = TYPE_AT + "MESSAGE_".length;
const KEY_CHARS = 36;

/**
 * Reads the frames of one WebSocket message. Relies on what holds in the benchmark: no content has a quotation mark, and
 * every `client_message_id` is 36 characters long. The self-check of the load process compares it with a parser.
 */
export function scanFrames(text: string, visitor: FrameVisitor): void {
  let at = nextFrame(text, 0);
  while (at !== -1) {
    const next = nextFrame(text, at + VERB_AT);
    scanFrame(text, at, next === -1 ? text.length : next, visitor);
    at = next;
  }
}

/** Frame types are in capitals; within a payload, `type` is not. */
function nextFrame(text: string, from: number): number {
  let at = text.indexOf(START, from);
  while (at !== -1 && text.charCodeAt(at + TYPE_AT) > 90) at = text.indexOf(START, at + TYPE_AT);
  return at;
}

function scanFrame(text: string, at: number, end: number, visitor: FrameVisitor): void {
  const typeAt = at + TYPE_AT;
  if (text.startsWith("MESSAGE_RECEIVE", typeAt))
    visitor.onReceive(keyIn(text, at, end), seqIn(text, at, end));
  // An echo server says a MESSAGE_SEND back.
  else if (text.startsWith("MESSAGE_SEND", typeAt)) visitor.onSent(keyIn(text, at, end), 0);
  else {
    const isAck = text.startsWith("MESSAGE_ACK", typeAt);
    // A mark of another member is told in the same type of frame.
    const key = isAck ? keyIn(text, at, end) : "";
    if (key !== "") visitor.onSent(key, seqIn(text, at, end));
    else visitor.onOther(text.slice(typeAt, text.indexOf('"', typeAt)), text.slice(at, end));
  }
}

function keyIn(text: string, at: number, end: number): string {
  const found = text.indexOf(KEY, at);
  return found === -1 || found >= end ? "" : text.slice(found + KEY.length, found + KEY.length + KEY_CHARS);
}

function seqIn(text: string, at: number, end: number): number {
  const found = text.indexOf(SEQ, at);
  if (found === -1 || found >= end) return 0;
  let seq = 0;
  for (let index = found + SEQ.length; index < end; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  return seq;
}
