import type { z } from "zod";
import { signedInSchema, type Tokens, tokensSchema } from "../../src/protocol/session.ts";
import { UimError } from "../errors.ts";
import { userIdOf } from "./claims.ts";
import type { Authority, HttpClient } from "./http-client.ts";
import type { StoredTokens, TokenStore } from "./token-store.ts";

/** Codes of a refresh after which only signing in helps. */
const FINAL = ["unauthenticated", "session_revoked", "refresh_reused", "account_suspended", "token_expired"];

export interface SessionOptions {
  /** The refresh token stays in the browser's cookie. */
  readonly useCookie: boolean;
  /** Of the device, if the app has given it one. */
  readonly device_id: string | null;
}

/** The session of whoever has signed in: its tokens, and their refresh. */
export class Session implements Authority {
  readonly #http: HttpClient;
  readonly #store: TokenStore;
  readonly useCookie: boolean;
  readonly #given_device_id: string | null;
  readonly #onEnd: (error: UimError) => void;
  #tokens: StoredTokens | null = null;
  /** Whose session it is; null while nobody has signed in. */
  #owner_id: string | null = null;
  #refreshing: Promise<string> | null = null;
  #generation = 0;
  #end: UimError | null = null;

  constructor(
    http: HttpClient,
    store: TokenStore,
    { useCookie, device_id }: SessionOptions,
    onEnd: (error: UimError) => void,
  ) {
    this.#http = http;
    this.#store = store;
    this.useCookie = useCookie;
    this.#given_device_id = device_id;
    this.#onEnd = onEnd;
  }

  get user_id(): string | null {
    return this.#owner_id;
  }

  get device_id(): string | null {
    return this.#tokens?.device_id ?? null;
  }

  get session_id(): string | null {
    return this.#tokens?.session_id ?? null;
  }

  /** Why there is no session, as far as the server has said it; null while there is one. */
  get end(): UimError | null {
    return this.#end;
  }

  get generation(): number {
    return this.#generation;
  }

  token(): string | null {
    return this.#tokens?.access_token ?? null;
  }

  /** Takes up the session that was kept, if there is one. Asks the server only where the token is in a cookie. */
  async resume(): Promise<boolean> {
    if (this.#owner_id !== null) return true;
    const generation = this.#generation;
    const tokens = await this.#store.load();
    if (generation !== this.#generation) return this.#owner_id !== null;
    this.#tokens = tokens;
    if (this.#tokens) this.#owner_id = userIdOf(this.#tokens.access_token);
    else if (this.useCookie) await this.refresh(null).catch(passOverSignedOut);
    return this.#owner_id !== null;
  }

  /** Takes it that this user is signed in still, until the server says otherwise. */
  assume(user_id: string): void {
    this.#owner_id ??= user_id;
  }

  async signIn(path: string, body: object): Promise<z.infer<typeof signedInSchema>> {
    this.#leave();
    const signedIn = await this.#http.request(signedInSchema, {
      method: "POST",
      path,
      body: { ...body, use_cookie: this.useCookie },
      ...this.#cookieLock,
    });
    await this.#keep(signedIn);
    return signedIn;
  }

  /** Whoever asks while a refresh is under way shares it: a refresh token is good once. */
  refresh(expired: string | null): Promise<string> {
    const current = this.token();
    if (current !== null && current !== expired) return Promise.resolve(current);
    if (this.#refreshing) return this.#refreshing;
    const refreshing = this.#refresh().finally(() => {
      if (this.#refreshing === refreshing) this.#refreshing = null;
    });
    this.#refreshing = refreshing;
    return refreshing;
  }

  ended(error: UimError): void {
    const wasSignedIn = this.#owner_id !== null;
    this.#leave();
    this.#end = error;
    if (!wasSignedIn) return;
    void this.#store.save(null);
    this.#onEnd(error);
  }

  /**
   * All windows have the one cookie, and what it holds is good once: each sends what the one before it was given, and none
   * puts an older one over that of who has just signed in.
   */
  get #cookieLock(): { readonly lock?: string } {
    return this.useCookie ? { lock: "uim.refresh" } : {};
  }

  /** Forgets the tokens; the server is not asked. */
  async forget(): Promise<void> {
    this.#leave();
    await this.#store.save(null);
  }

  /** What is under way for whoever was signed in does not sign in the next. */
  #leave(): void {
    this.#generation++;
    this.#tokens = null;
    this.#owner_id = null;
    this.#refreshing = null;
    this.#end = null;
  }

  async #refresh(): Promise<string> {
    const generation = this.#generation;
    const refresh_token = this.#tokens?.refresh_token ?? undefined;
    if (refresh_token === undefined && !this.useCookie) {
      const error = new UimError("signed_out", "Nobody has signed in");
      this.ended(error);
      throw error;
    }
    // With it a refresh can be repeated: its answer may have been lost, even before the page was loaded anew.
    const device_id = this.device_id ?? this.#given_device_id ?? undefined;
    const body = { refresh_token, device_id, use_cookie: this.useCookie };
    try {
      const tokens = await this.#http.request(tokensSchema, {
        method: "POST",
        path: "/api/auth/refresh",
        body,
        ...this.#cookieLock,
      });
      if (generation !== this.#generation) throw new UimError("signed_out", "The session is over");
      await this.#keep(tokens);
      return tokens.access_token;
    } catch (error) {
      if (generation === this.#generation && error instanceof UimError && FINAL.includes(error.code))
        this.ended(error);
      throw error;
    }
  }

  async #keep({ access_token, refresh_token, session_id, device_id }: Tokens): Promise<void> {
    const user_id = userIdOf(access_token);
    if (user_id === null) throw new UimError("bad_answer", "The access token does not say whose it is");
    if (this.#owner_id !== null && this.#owner_id !== user_id) {
      const error = new UimError("signed_out", "Somebody else has signed in here");
      this.ended(error);
      throw error;
    }
    this.#owner_id = user_id;
    this.#end = null;
    this.#tokens = { access_token, refresh_token: refresh_token ?? null, session_id, device_id };
    await this.#store.save(this.#tokens);
  }
}

function passOverSignedOut(error: unknown): void {
  const codes = [...FINAL, "invalid_request", "signed_out"];
  if (!(error instanceof UimError && codes.includes(error.code))) throw error;
}
