export type Cancel = () => void;

/** What the SDK needs of a WebSocket; that of browsers, Workers, Node 22 and the package `ws` have it. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
}

/** Everything of the outside world: decisions get it as arguments, so that tests can be exact. */
export interface Environment {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly setTimer: (callback: () => void, delay_ms: number) => Cancel;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly openSocket: (url: string) => SocketLike;
  /**
   * Tells whether the platform believes to be online, when that may have changed or the page is looked at again; never, where nobody
   * knows.
   */
  readonly onNetworkChange: (listener: (isOnline: boolean) => void) => Cancel;
  /** Does this while nobody else, in no other window of the browser, does anything of the same name. */
  readonly exclusively: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}
