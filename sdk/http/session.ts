import type { z } from "zod";
import { signedInSchema, type Tokens, tokensSchema } from "../../src/protocol/session.ts";
import { UimError } from "../errors.ts";
import { userIdOf } from "./claims.ts";
import type { Authority, HttpClient } from "./http-client.ts";
import type { StoredTokens, TokenStore } from "./token-store.ts";

/** Codes of a refresh after which only signing in helps. */
const FINAL = ["unauthenticated", "session_revoked", "refresh_reused", "account_suspended", "token_expired"];

/** The session of whoever has signed in: its tokens, and their refresh. */
export class Session implements Authority {
  readonly #http: HttpClient;
  readonly #store: TokenStore;
  readonly #useCookie: boolean;
  readonly #onEnd: (error: UimError) => void;
  #tokens: StoredTokens | null = null;
  #refreshing: Promise<string> | null = null;

  constructor(http: HttpClient, store: TokenStore, useCookie: boolean, onEnd: (error: UimError) => void) {
    this.#http = http;
    this.#store = store;
    this.#useCookie = useCookie;
    this.#onEnd = onEnd;
  }

  get user_id(): string | null {
    return this.#tokens && userIdOf(this.#tokens.access_token);
  }

  get device_id(): string | null {
    return this.#tokens?.device_id ?? null;
  }

  get session_id(): string | null {
    return this.#tokens?.session_id ?? null;
  }

  token(): string | null {
    return this.#tokens?.access_token ?? null;
  }

  /** Takes up the session that was kept, if there is one. Asks the server only where the token is in a cookie. */
  async resume(): Promise<boolean> {
    this.#tokens ??= await this.#store.load();
    if (!this.#tokens && this.#useCookie) await this.refresh(null).catch(passOverSignedOut);
    return this.#tokens !== null;
  }

  async signIn(path: string, body: object): Promise<z.infer<typeof signedInSchema>> {
    const request = { method: "POST", path, body: { ...body, use_cookie: this.#useCookie } } as const;
    const signedIn = await this.#http.request(signedInSchema, request);
    await this.#keep(signedIn);
    return signedIn;
  }

  /** Whoever asks while a refresh is under way shares it: a refresh token is good once. */
  refresh(expired: string | null): Promise<string> {
    const current = this.token();
    if (current !== null && current !== expired) return Promise.resolve(current);
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  ended(error: UimError): void {
    if (!this.#tokens) return;
    this.#tokens = null;
    void this.#store.save(null);
    this.#onEnd(error);
  }

  /** Forgets the tokens; the server is not asked. */
  async forget(): Promise<void> {
    this.#tokens = null;
    await this.#store.save(null);
  }

  async #refresh(): Promise<string> {
    const refresh_token = this.#tokens?.refresh_token ?? undefined;
    if (refresh_token === undefined && !this.#useCookie) {
      const error = new UimError("signed_out", "Nobody has signed in");
      this.ended(error);
      throw error;
    }
    const body = { refresh_token, use_cookie: this.#useCookie };
    try {
      const tokens = await this.#http.request(tokensSchema, {
        method: "POST",
        path: "/api/auth/refresh",
        body,
      });
      await this.#keep(tokens);
      return tokens.access_token;
    } catch (error) {
      if (error instanceof UimError && FINAL.includes(error.code)) this.ended(error);
      throw error;
    }
  }

  async #keep({ access_token, refresh_token, session_id, device_id }: Tokens): Promise<void> {
    this.#tokens = { access_token, refresh_token: refresh_token ?? null, session_id, device_id };
    await this.#store.save(this.#tokens);
  }
}

function passOverSignedOut(error: unknown): void {
  if (!(error instanceof UimError && (FINAL.includes(error.code) || error.code === "invalid_request")))
    throw error;
}
