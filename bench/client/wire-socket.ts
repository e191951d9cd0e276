import { randomBytes } from "node:crypto";
import net from "node:net";

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FINAL = 0x80;
const MASKED = 0x80;

/** A server that has not answered the handshake after so long will not. */
const HANDSHAKE_MS = 60_000;

/** What a socket tells its owner. The payload is ASCII in all of the benchmark, and valid only during the call. */
export interface WireListener {
  onText(payload: Buffer): void;
  onClose(code: number): void;
}

/** The upgrade was answered with something else than 101. */
export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
}

/**
 * A WebSocket client (RFC 6455) without what a load generator can do without: no extensions, no events, no copies. It
 * masks with the key 0, which the protocol allows and which leaves the bytes as they are.
 */
export class WireSocket {
  readonly #socket: net.Socket;
  readonly #listener: WireListener;
  /** The beginning of a frame whose rest has not come. */
  #partial: Buffer | null = null;
  #fragments: Buffer[] = [];
  #isClosed = false;

  private constructor(socket: net.Socket, listener: WireListener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  /** Opens `ws://…`. Rejects with `UpgradeRefused` if the server answers anything but 101. */
  static open(url: string, listener: WireListener): Promise<WireSocket> {
    const { hostname, port, host, pathname, search } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
      let head = Buffer.alloc(0);
      const onData = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) return;
        socket.off("data", onData);
        socket.setTimeout(0);
        const status = head.toString("latin1", 0, head.indexOf("\r\n"));
        if (!status.startsWith("HTTP/1.1 101")) {
          socket.destroy();
          reject(new UpgradeRefused(`${pathname} was answered with ${head.toString("latin1", 0, 2000)}`));
          return;
        }
        const opened = new WireSocket(socket, listener);
        resolve(opened);
        socket.on("data", (data: Buffer) => opened.#read(data));
        socket.on("close", () => opened.#closed(1006));
        // What came with the handshake is read once whoever opened the socket knows of it.
        const rest = head.subarray(end + 4);
        if (rest.length > 0) queueMicrotask(() => opened.#read(rest));
      };
      socket.on("data", onData);
      socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
      socket.on("error", reject);
      socket.on("close", () => reject(new UpgradeRefused(`${pathname}: closed during the handshake`)));
      const key = randomBytes(16).toString("base64");
      socket.write(
        `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    });
  }

  /** Sends a text message; ASCII only. */
  send(text: string): void {
    this.#write(OPCODE.text, Buffer.from(text, "latin1"));
  }

  /** Starts the closing handshake. */
  close(code = 1000): void {
    if (this.#isClosed) return;
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    this.#write(OPCODE.close, body);
  }

  /** Ends the connection without a word, as when a network goes away. */
  cut(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #write(opcode: number, body: Buffer): void {
    if (this.#isClosed) return;
    const headSize = body.length < 126 ? 6 : body.length < 65_536 ? 8 : 14;
    const frame = Buffer.alloc(headSize + body.length);
    frame[0] = FINAL | opcode;
    if (headSize === 6) frame[1] = MASKED | body.length;
    else if (headSize === 8) {
      frame[1] = MASKED | 126;
      frame.writeUInt16BE(body.length, 2);
    } else {
      frame[1] = MASKED | 127;
      frame.writeBigUInt64BE(BigInt(body.length), 2);
    }
    body.copy(frame, headSize);
    this.#socket.write(frame);
  }

  #read(chunk: Buffer): void {
    let data = this.#partial ? Buffer.concat([this.#partial, chunk]) : chunk;
    this.#partial = null;
    while (data.length >= 2 && !this.#isClosed) {
      const { start, length } = payloadOf(data);
      if (data.length < start + length) break;
      this.#take(data.readUInt8(0), data.subarray(start, start + length));
      data = data.subarray(start + length);
    }
    if (data.length > 0) this.#partial = data;
  }

  #take(first: number, payload: Buffer): void {
    const opcode = first & 0x0f;
    if (opcode === OPCODE.ping) this.#write(OPCODE.pong, payload);
    else if (opcode === OPCODE.close) {
      this.#write(OPCODE.close, payload);
      this.#socket.end();
      this.#closed(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
    } else if (opcode === OPCODE.text || opcode === OPCODE.continuation) {
      const isFinal = (first & FINAL) !== 0;
      if (isFinal && this.#fragments.length === 0) this.#listener.onText(payload);
      else {
        this.#fragments.push(Buffer.from(payload));
        if (isFinal) this.#listener.onText(Buffer.concat(this.#fragments.splice(0)));
      }
    }
  }

  #closed(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.onClose(code);
  }
}

/** Where the payload of the frame at the head of `data` lies; beyond its end if the frame's head is not all there. */
function payloadOf(data: Buffer): { start: number; length: number } {
  const short = data.readUInt8(1) & 0x7f;
  if (short < 126) return { start: 2, length: short };
  if (short === 126)
    return data.length < 4 ? { start: 4, length: 1 } : { start: 4, length: data.readUInt16BE(2) };
  return data.length < 10 ? { start: 10, length: 1 } : { start: 10, length: Number(data.readBigUInt64BE(2)) };
}
