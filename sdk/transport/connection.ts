import type { ClientFrame } from "../../src/protocol/frames/client-frame.ts";
import type { Cancel, Environment } from "../environment.ts";
import { UimError } from "../errors.ts";
import type { IncomingFrame } from "../wire/server-frame.ts";
import { backoffDelay, STABLE_MS } from "./backoff.ts";
import { judgeClose } from "./close.ts";
import { Link } from "./link.ts";

/**
 * Where a connection stands. `waiting`: it will try again. `stopped`: by the server, for good; `close_code` or `error` says why.
 */
export type ConnectionState =
  | { readonly phase: "idle" }
  | { readonly phase: "connecting" }
  | { readonly phase: "connected" }
  | { readonly phase: "waiting"; readonly retry_at: number }
  | { readonly phase: "stopped"; readonly close_code: number | null; readonly error: UimError | null };

/** Errors on the way to a socket that no repetition mends. */
const FINAL = [
  "signed_out",
  "session_revoked",
  "refresh_reused",
  "unauthenticated",
  "account_suspended",
  "conversation_not_found",
  "forbidden",
];

export interface ConnectionHandlers {
  /** The address of a new socket, ticket included. Rejects with a `UimError`. */
  readonly address: () => Promise<string>;
  /** The server wants a fresh token before the next socket. */
  readonly refresh: () => Promise<unknown>;
  readonly frames: (frames: readonly IncomingFrame[]) => void;
  readonly fault: (what: string) => void;
  readonly changed: (state: ConnectionState) => void;
}

/** A socket that is opened again whenever it breaks, until it is told to stop. */
export class Connection {
  readonly #environment: Environment;
  readonly #handlers: ConnectionHandlers;
  #state: ConnectionState = { phase: "idle" };
  #link: Link | null = null;
  #failures = 0;
  #connected_at = 0;
  #cancelRetry: Cancel = () => undefined;
  /** Grows with every start and stop: what an older one was waiting for is of no interest any more. */
  #run = 0;

  constructor(environment: Environment, handlers: ConnectionHandlers) {
    this.#environment = environment;
    this.#handlers = handlers;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** It neither holds nor seeks a socket before it is started. */
  get isAtRest(): boolean {
    return this.#state.phase === "idle" || this.#state.phase === "stopped";
  }

  get isConnected(): boolean {
    return this.#link?.isReady === true;
  }

  /** Tells one socket from the next: what was said on an older one may not have been heard. */
  get socket(): object | null {
    return this.#link;
  }

  start(): void {
    if (!this.isAtRest) return;
    this.#failures = 0;
    void this.#connect(++this.#run, false);
  }

  stop(): void {
    this.#run++;
    this.#cancelRetry();
    const link = this.#link;
    this.#link = null;
    link?.close();
    this.#become({ phase: "idle" });
  }

  send(frames: readonly ClientFrame[]): void {
    this.#link?.send(frames);
  }

  /** The network may have changed: is the socket still alive, is it worth trying again at once? */
  hint(isOnline: boolean): void {
    this.#link?.probe();
    if (!isOnline || this.#state.phase !== "waiting") return;
    this.#cancelRetry();
    void this.#connect(this.#run, false);
  }

  async #connect(run: number, isRefreshDue: boolean): Promise<void> {
    this.#become({ phase: "connecting" });
    try {
      if (isRefreshDue) await this.#handlers.refresh();
      const address = await this.#handlers.address();
      if (run === this.#run) this.#open(run, address);
    } catch (error) {
      if (run !== this.#run) return;
      if (!(error instanceof UimError)) this.#handlers.fault(String(error));
      const cause =
        error instanceof UimError ? error : new UimError("network", String(error), { cause: error });
      if (FINAL.includes(cause.code)) this.#become({ phase: "stopped", close_code: null, error: cause });
      else this.#retry(run, cause.retry_after_ms ?? 0, isRefreshDue);
    }
  }

  #open(run: number, address: string): void {
    const link = new Link(this.#environment, address, {
      frames: (frames) => {
        if (this.#link !== link) return;
        if (link.isReady && this.#state.phase === "connecting") {
          this.#connected_at = this.#environment.now();
          this.#become({ phase: "connected" });
        }
        this.#handlers.frames(frames);
      },
      fault: this.#handlers.fault,
      ended: (code) => {
        if (this.#link === link) this.#ended(run, code);
      },
    });
    this.#link = link;
  }

  #ended(run: number, code: number): void {
    this.#link = null;
    const hasLasted =
      this.#state.phase === "connected" && this.#environment.now() - this.#connected_at >= STABLE_MS;
    if (hasLasted) this.#failures = 0;
    const next = judgeClose(code);
    if (next === "stop") this.#become({ phase: "stopped", close_code: code, error: null });
    else this.#retry(run, 0, next === "refresh");
  }

  #retry(run: number, retry_after_ms: number, isRefreshDue: boolean): void {
    this.#failures++;
    const { random, now, setTimer } = this.#environment;
    const delay = backoffDelay(this.#failures, random(), retry_after_ms);
    this.#become({ phase: "waiting", retry_at: now() + delay });
    this.#cancelRetry = setTimer(() => {
      if (run === this.#run) void this.#connect(run, isRefreshDue);
    }, delay);
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#handlers.changed(state);
  }
}
