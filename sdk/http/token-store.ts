/** What proves who is calling. */
export interface StoredTokens {
  readonly access_token: string;
  /** Null where it stays in the browser's cookie. */
  readonly refresh_token: string | null;
  readonly session_id: string;
  readonly device_id: string;
}

/** Where tokens are kept: the app's choice, since only it knows what is safe where it runs. */
export interface TokenStore {
  load(): Promise<StoredTokens | null>;
  /** Null: signed out. A refresh token is good once; whoever loses the newest has to sign in again. */
  save(tokens: StoredTokens | null): Promise<void>;
}

/** Keeps tokens as long as the program runs. */
export class MemoryTokenStore implements TokenStore {
  #tokens: StoredTokens | null;

  constructor(tokens: StoredTokens | null = null) {
    this.#tokens = tokens;
  }

  load(): Promise<StoredTokens | null> {
    return Promise.resolve(this.#tokens);
  }

  save(tokens: StoredTokens | null): Promise<void> {
    this.#tokens = tokens;
    return Promise.resolve();
  }
}
