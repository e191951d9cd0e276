import type { Environment, SocketLike } from "./environment.ts";

export type SocketConstructor = new (url: string) => SocketLike;

/** What may be given where the platform lacks it, or in a test. */
export interface PlatformOptions {
  /** By default the platform's own `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** By default the platform's own `WebSocket`; Node 20 has none: give the one of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
}

/** The platform as it is: browser, Node or Worker. */
export function platformEnvironment(options: PlatformOptions = {}): Environment {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId: randomId,
    setTimer: (callback, delay_ms) => {
      const timer = setTimeout(callback, delay_ms);
      return () => clearTimeout(timer);
    },
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    openSocket: (url) => new (options.WebSocket ?? platformSocket())(url),
    onNetworkChange: watchNetwork,
    exclusively,
  };
}

function platformSocket(): SocketConstructor {
  const found: SocketConstructor | undefined = globalThis.WebSocket;
  if (!found)
    throw new Error("This platform has no WebSocket: give the client one, as that of the package `ws`");
  return found;
}

/** 128 random bits in hex. `crypto.randomUUID` is missing on pages without TLS. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Workers, Node before 24.5 and pages without TLS know of no locks. */
async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const found: Partial<Navigator> | undefined = globalThis.navigator;
  return found?.locks ? found.locks.request(name, work) : work();
}

function watchNetwork(listener: (isOnline: boolean) => void): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => undefined;
  const watched = new AbortController();
  const { signal } = watched;
  const tell = () => listener(globalThis.navigator?.onLine !== false);
  globalThis.addEventListener("online", tell, { signal });
  globalThis.addEventListener("offline", tell, { signal });
  // A page that slept, or comes out of the browser's cache, has heard of nothing.
  globalThis.addEventListener("pageshow", ({ persisted }) => persisted && tell(), { signal });
  globalThis.document?.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && tell(),
    { signal },
  );
  return () => watched.abort();
}
