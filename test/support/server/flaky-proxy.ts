import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import WebSocket, { WebSocketServer } from "ws";

export interface FlakyOptions {
  readonly random: () => number;
  /** Each message is held back for up to so long; the order within a direction stays. */
  readonly max_delay_ms: number;
  /** Chance that a message goes through twice. */
  readonly duplicates: number;
  /** A socket lives for up to so long. */
  readonly max_lifetime_ms: number;
}

export interface FlakyProxy {
  /** Where a socket goes instead of `url`. */
  reroute(url: string): string;
  readonly cuts: number;
  /** From now on it does no harm any more. */
  behave(): void;
  stop(): Promise<void>;
}

/** A network between client and server that delays, repeats and breaks off. */
export async function startFlakyProxy(upstream: string, options: FlakyOptions): Promise<FlakyProxy> {
  const { random } = options;
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  let isFlaky = true;
  let cuts = 0;

  sockets.on("connection", (near, request) => {
    const far = new WebSocket(upstream.replace(/^http/, "ws") + (request.url ?? ""));
    const early: string[] = [];
    far.on("open", () => {
      for (const text of early.splice(0)) far.send(text);
    });
    // How the server refused is not for the client to see: to it the socket just ends.
    far.on("error", () => near.terminate());
    near.on("error", () => far.terminate());
    carry(near, (text) => (far.readyState === WebSocket.OPEN ? far.send(text) : early.push(text)));
    carry(far, (text) => near.send(text));
    far.on("close", (code, reason) => endWith(near, code, String(reason)));
    near.on("close", () => far.terminate());
    const cut = setTimeout(() => {
      if (!isFlaky) return;
      cuts++;
      near.terminate();
      far.terminate();
    }, random() * options.max_lifetime_ms);
    near.on("close", () => clearTimeout(cut));
  });

  /** Passes messages on, in order, each a little later, some twice. */
  function carry(from: WebSocket, pass: (text: string) => void): void {
    let last = Promise.resolve();
    from.on("message", (data) => {
      const text = String(data);
      const times = isFlaky && random() < options.duplicates ? 2 : 1;
      const delay_ms = isFlaky ? random() * options.max_delay_ms : 0;
      for (let copy = 0; copy < times; copy++) {
        last = last.then(() => pause(copy === 0 ? delay_ms : 0)).then(() => pass(text));
      }
    });
  }

  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    reroute: (url) => {
      const rerouted = new URL(url);
      rerouted.port = String(port);
      return rerouted.href;
    },
    get cuts() {
      return cuts;
    },
    behave: () => {
      isFlaky = false;
    },
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function pause(delay_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay_ms));
}

/** Codes that an endpoint may not send mean that the connection broke. */
function endWith(socket: WebSocket, code: number, reason: string): void {
  if (code === 1005 || code === 1006) socket.terminate();
  else socket.close(code, reason);
}
