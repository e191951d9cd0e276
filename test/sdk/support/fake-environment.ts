import type { Environment, SocketLike } from "../../../sdk/environment.ts";

type Handlers = {
  open: () => void;
  error: () => void;
  message: (event: { data: unknown }) => void;
  close: (event: { code: number }) => void;
};

/** The client's end of a socket, and what a test does at the other one. */
export class FakeSocket implements SocketLike {
  readonly url: URL;
  readonly sent: unknown[] = [];
  isClosed = false;
  onSent: (frame: unknown) => void = () => undefined;
  readonly #listeners: { [Type in keyof Handlers]: Handlers[Type][] } = {
    open: [],
    error: [],
    message: [],
    close: [],
  };

  constructor(url: string) {
    this.url = new URL(url);
  }

  addEventListener<Type extends keyof Handlers>(type: Type, listener: Handlers[Type]): void {
    this.#listeners[type].push(listener);
  }

  send(text: string): void {
    const value: unknown = JSON.parse(text);
    for (const frame of Array.isArray(value) ? value : [value]) {
      this.sent.push(frame);
      this.onSent(frame);
    }
  }

  close(): void {
    this.end(1000);
  }

  /** The server says something. */
  say(...frames: object[]): void {
    if (this.isClosed) return;
    const data = JSON.stringify(frames.length === 1 ? frames[0] : frames);
    for (const listener of this.#listeners.message) listener({ data });
  }

  /** The connection ends. */
  end(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const listener of this.#listeners.close) listener({ code });
  }
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A world whose clock stands still until the test moves it. */
export class FakeEnvironment implements Environment {
  readonly sockets: FakeSocket[] = [];
  random_value = 0.5;
  onSocket: (socket: FakeSocket) => void = () => undefined;
  answer: (url: string, init: RequestInit) => Response | Promise<Response> = () =>
    new Response(null, { status: 404 });
  #now = 1_000_000;
  #ids = 0;
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<(isOnline: boolean) => void>();
  readonly #locks = new Map<string, Promise<unknown>>();

  readonly now = () => this.#now;
  readonly random = () => this.random_value;
  readonly newId = () => `id-${++this.#ids}`;
  readonly fetch = (url: string, init: RequestInit) => Promise.resolve().then(() => this.answer(url, init));

  readonly setTimer = (callback: () => void, delay_ms: number) => {
    const timer = { at: this.#now + Math.max(0, delay_ms), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  readonly openSocket = (url: string) => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    this.onSocket(socket);
    return socket;
  };

  readonly onNetworkChange = (listener: (isOnline: boolean) => void) => {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  };

  readonly exclusively = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const done = (this.#locks.get(name) ?? Promise.resolve()).then(work);
    this.#locks.set(
      name,
      done.catch(() => undefined),
    );
    return done;
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  network(isOnline: boolean): void {
    for (const watcher of this.#watchers) watcher(isOnline);
  }

  /** Requests to such addresses are answered only once the returned function is called. */
  holdBack(part: string): () => void {
    const { answer } = this;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.answer = async (url, init) => {
      if (url.includes(part)) await promise;
      return answer(url, init);
    };
    return resolve;
  }

  /** Lets what is under way come to rest. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Time passes; whatever is due happens in its order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await this.settle();
    }
    this.#now = end;
  }
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status });
}

export function problem(code: string, status: number, more: object = {}): Response {
  return json(
    { type: "x", title: code, status, detail: `it is ${code}`, code, request_id: "r-1", ...more },
    status,
  );
}
