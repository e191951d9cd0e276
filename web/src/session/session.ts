import {
  type Credentials,
  IndexedDbStorage,
  type Observable,
  type Registration,
  UimClient,
  UimError,
} from "../../../sdk/index.ts";
import { forgetDrafts } from "../data/drafts.ts";
import { forgetFamiliarChats } from "../data/familiar-chats.ts";
import { Store } from "../data/store.ts";
import { deviceId, deviceName } from "./device.ts";
import { keptSession, noteSession } from "./kept-session.ts";

/** Where the session stands. `unreachable`: there may be one, but nobody answers who could tell. */
export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable" }
  | { readonly phase: "signed_out"; readonly hasEnded: boolean }
  | { readonly phase: "signed_in"; readonly user_id: string };

/** After so long a server that could not be told of the end of a session is told again. */
const AGAIN_MS = 15_000;

/** The one client of this page, and whose it is. The access token is in its memory only, the refresh token in a cookie. */
export class WebSession {
  readonly client: UimClient;
  readonly #state = new Store<SessionState>({ phase: "starting" });
  readonly state: Observable<SessionState> = this.#state;
  #ending: Promise<void> | null = null;

  constructor(url: string) {
    this.client = new UimClient({
      url,
      useCookie: true,
      storage: new IndexedDbStorage({ name: "uim" }),
      device: { device_id: deviceId(), platform: "web", name: deviceName(navigator.userAgent) },
      fillGapsUpTo: 1_000,
    });
    this.client.on("signed_out", () => {
      // Whoever is signing out need not be told.
      if (keptSession() === "open") this.#signedOut(true);
    });
    this.client.on("error", (error) => console.warn(error));
  }

  async start(): Promise<void> {
    const kept = keptSession();
    if (kept !== "open") {
      this.#state.set({ phase: "signed_out", hasEnded: false });
      if (kept === "ending") void this.#endWhenReached();
      return;
    }
    this.#state.set({ phase: "starting" });
    try {
      if (await this.client.resume()) this.#signedIn();
      else this.#signedOut(true);
    } catch (error) {
      console.warn(error);
      this.#state.set({ phase: "unreachable" });
    }
  }

  async signIn(credentials: Credentials): Promise<void> {
    await this.#finishEnding();
    await this.client.login(credentials);
    this.#signedIn();
  }

  async signUp(registration: Registration): Promise<void> {
    await this.#finishEnding();
    await this.client.register(registration);
    this.#signedIn();
  }

  /** Here at once; the server is told as soon as it answers. */
  signOut(): void {
    const { user_id } = this.client;
    noteSession("ending");
    if (user_id !== null) {
      forgetDrafts(user_id);
      forgetFamiliarChats(user_id);
    }
    this.#state.set({ phase: "signed_out", hasEnded: false });
    void this.#endWhenReached();
  }

  async #endWhenReached(): Promise<void> {
    try {
      await this.#finishEnding();
    } catch (error) {
      console.warn(error);
      const again = () => {
        clearTimeout(timer);
        removeEventListener("online", again);
        void this.#endWhenReached();
      };
      const timer = setTimeout(again, AGAIN_MS);
      addEventListener("online", again);
    }
  }

  /** Whoever signs in replaces the cookie: what it held is ended first, if that is still to be done. */
  #finishEnding(): Promise<void> {
    if (keptSession() !== "ending") return Promise.resolve();
    this.#ending ??= this.#end().finally(() => {
      this.#ending = null;
    });
    return this.#ending;
  }

  async #end(): Promise<void> {
    try {
      await this.client.logout();
    } catch (error) {
      if (!isOver(error)) throw error;
    }
    noteSession("none");
  }

  #signedIn(): void {
    const { user_id } = this.client;
    if (user_id === null) return;
    noteSession("open");
    this.#state.set({ phase: "signed_in", user_id });
    // Why it does not connect is shown by the connection's own state.
    this.client.connect().catch(() => undefined);
  }

  #signedOut(hasEnded: boolean): void {
    noteSession("none");
    this.#state.set({ phase: "signed_out", hasEnded });
  }
}

/** The server knows of no session that could be ended. */
function isOver(error: unknown): boolean {
  return error instanceof UimError && (error.status === 401 || error.code === "account_suspended");
}
