import {
  type Credentials,
  IndexedDbStorage,
  type Observable,
  type Registration,
  UimClient,
  UimError,
} from "../../../sdk/index.ts";
import { forgetDrafts } from "../data/drafts.ts";
import { Store } from "../data/store.ts";
import { deviceId, deviceName } from "./device.ts";

/** Where the session stands. `unreachable`: there may be one, but nobody answers who could tell. */
export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable" }
  | { readonly phase: "signed_out"; readonly hasEnded: boolean }
  | { readonly phase: "signed_in"; readonly user_id: string };

/** Tells whether a cookie may be there, which no script can see: without it nobody is asked. */
const HINT = "uim.signed_in";

/** The one client of this page, and whose it is. The access token is in its memory only, the refresh token in a cookie. */
export class WebSession {
  readonly client: UimClient;
  readonly #state = new Store<SessionState>({ phase: "starting" });
  readonly state: Observable<SessionState> = this.#state;

  constructor(url: string) {
    this.client = new UimClient({
      url,
      useCookie: true,
      storage: new IndexedDbStorage({ name: "uim" }),
      device: { device_id: deviceId(), platform: "web", name: deviceName(navigator.userAgent) },
      fillGapsUpTo: 1_000,
    });
    this.client.on("signed_out", () => this.#signedOut(true));
    this.client.on("error", (error) => console.warn(error));
  }

  async start(): Promise<void> {
    if (localStorage.getItem(HINT) === null) {
      this.#state.set({ phase: "signed_out", hasEnded: false });
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
    await this.client.login(credentials);
    this.#signedIn();
  }

  async signUp(registration: Registration): Promise<void> {
    await this.client.register(registration);
    this.#signedIn();
  }

  async signOut(): Promise<void> {
    const { user_id } = this.client;
    try {
      await this.client.logout();
    } catch (error) {
      // Nobody answered, or the session had ended already. Here it ends in any case.
      if (!(error instanceof UimError)) throw error;
    } finally {
      if (user_id !== null) forgetDrafts(user_id);
      this.#signedOut(false);
    }
  }

  #signedIn(): void {
    const { user_id } = this.client;
    if (user_id === null) return;
    localStorage.setItem(HINT, "1");
    this.#state.set({ phase: "signed_in", user_id });
    // Why it does not connect is shown by the connection's own state.
    this.client.connect().catch(() => undefined);
  }

  #signedOut(hasEnded: boolean): void {
    localStorage.removeItem(HINT);
    this.#state.set({ phase: "signed_out", hasEnded });
  }
}
