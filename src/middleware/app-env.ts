import type { Identity } from "../domain/identity.ts";

/** What every request carries through the app. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    request_id: string;
    /** For the access log; set once the caller is known. */
    user_id?: string;
  };
}

/** Who calls, as the access token proves it. */
export interface Caller {
  readonly identity: Identity;
  readonly username: string;
  readonly roles: readonly string[];
}

/** What a route may read after `authenticate`. */
export interface CallerEnv extends AppEnv {
  Variables: AppEnv["Variables"] & { caller: Caller };
}
