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
import { withdrawNotifications } from "../shell/service-worker.ts";
import { deviceId, deviceName } from "./device.ts";
import {
  isOpenFor,
  keptSession,
  noteEnding,
  noteNone,
  noteOpen,
  onKeptSessionChange,
} from "./kept-session.ts";

/** Where the session stands. `unreachable`: there may be one, but nobody answers who could tell. */
export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable" }
  | { readonly phase: "signed_out"; readonly end: SessionEnd | null }
  | { readonly phase: "signed_in"; readonly user_id: string };

/** Why its user, who has not signed out, is signed in no more. `followed`: somebody has signed in to another account in another window. */
export type SessionEnd = "ended" | "followed";

/** As what is known of the session in the cookie says it. */
const ENDS = { none: "ended", open: "followed", ending: null } as const;

/** Somebody wants a session that ends so to be over on this device. One that has only expired is taken up where it was left. */
const ENDS_ALL: readonly string[] = ["session_revoked", "account_suspended"];

/** After so long a server that could not be told of the end of a session is told again. */
const AGAIN_MS = 15_000;

/** The one client of this page, and whose it is. The access token is in its memory only, the refresh token in a cookie. */
export class WebSession {
  readonly client: UimClient;
  readonly #storage = new IndexedDbStorage({ name: "uim" });
  readonly #state = new Store<SessionState>({ phase: "starting" });
  readonly state: Observable<SessionState> = this.#state;
  #ending: Promise<void> | null = null;

  constructor(url: string) {
    this.client = new UimClient({
      url,
      useCookie: true,
      storage: this.#storage,
      device: { device_id: deviceId(), platform: "web", name: deviceName(navigator.userAgent) },
      fillGapsUpTo: 1_000,
    });
    this.client.on("signed_out", () => {
      // Whoever is signing out need not be told.
      if (this.#isSignedIn) this.#sessionEnded(this.client.user_id);
    });
    this.client.on("error", (error) => console.warn(error));
    onKeptSessionChange(() => {
      if (this.#isSignedIn && !isOpenFor(keptSession(), this.client.user_id)) this.#giveWay();
    });
  }

  async start(): Promise<void> {
    const kept = keptSession();
    if (kept.phase !== "open") {
      this.#state.set({ phase: "signed_out", end: null });
      if (kept.phase === "ending") void this.#endWhenReached();
      return;
    }
    this.#state.set({ phase: "starting" });
    try {
      if (await this.client.resume()) this.#resumed(kept.user_id);
      else this.#sessionEnded(kept.user_id);
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
    forgetAsides(user_id);
    // The cookie may be somebody else's by now.
    if (!isOpenFor(keptSession(), user_id)) {
      this.#giveWay();
      return;
    }
    noteEnding();
    this.#showSignIn();
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
    if (keptSession().phase !== "ending") return Promise.resolve();
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
    if (keptSession().phase === "ending") noteNone();
  }

  /** `kept_id`: whose session it was noted to be before; whose it is, the cookie says, unless another window has changed it since. */
  #resumed(kept_id: string | null): void {
    const kept = keptSession();
    if (isOpenFor(kept, kept_id) || isOpenFor(kept, this.client.user_id)) this.#signedIn();
    else this.#giveWay();
  }

  #signedIn(): void {
    const { user_id } = this.client;
    if (user_id === null) return;
    noteOpen(user_id);
    this.#state.set({ phase: "signed_in", user_id });
    // Why it does not connect is shown by the connection's own state.
    this.client.connect().catch(() => undefined);
  }

  /** The server knows of no session of this user. Of another's, that has taken its place in the cookie, nothing is said. */
  #sessionEnded(user_id: string | null): void {
    const isOurs = isOpenFor(keptSession(), user_id);
    if (isOurs) noteNone();
    if (ENDS_ALL.includes(this.client.ended?.code ?? "")) {
      forgetAsides(user_id);
      if (isOurs) this.#forget().catch((error) => console.warn(error));
    }
    this.#showSignIn();
  }

  async #forget(): Promise<void> {
    await this.client.leave();
    await this.#storage.clear();
  }

  /** In another window its user has signed out, or somebody else in: cookie and storage are not this window's any more. */
  #giveWay(): void {
    void this.client.leave();
    this.#showSignIn();
  }

  #showSignIn(): void {
    this.#state.set({ phase: "signed_out", end: ENDS[keptSession().phase] });
  }

  get #isSignedIn(): boolean {
    return this.#state.getSnapshot().phase === "signed_in";
  }
}

/** What is kept of a user beside the database, and what this device shows of it. */
function forgetAsides(user_id: string | null): void {
  withdrawNotifications(() => true).catch((error) => console.warn(error));
  navigator.clearAppBadge?.().catch(() => undefined);
  if (user_id === null) return;
  forgetDrafts(user_id);
  forgetFamiliarChats(user_id);
}

/** The server knows of no session that could be ended. */
function isOver(error: unknown): boolean {
  return error instanceof UimError && (error.status === 401 || error.code === "account_suspended");
}
