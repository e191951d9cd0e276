import type { z } from "zod";
import type { Environment } from "../environment.ts";
import { errorOfAnswer, UimError } from "../errors.ts";
import { retryDelay } from "./retry.ts";

/** An answer may take so long. */
const TIMEOUT_MS = 30_000;

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** True: to repeat it after nobody answered does no harm. By default so for all but POST. */
  readonly repeatable?: boolean;
  /** False: whoever asks decides itself when to ask again. */
  readonly retry?: boolean;
  /** Attempts of this name are made one after the other, in whichever window of the browser. */
  readonly lock?: string;
}

/** Who proves who is calling. */
export interface Authority {
  /** Becomes another when a session is over: whatever was asked in one is not to be asked in the next. */
  readonly generation: number;
  /** The access token, or null if nobody has signed in. */
  token(): string | null;
  /** A newer access token than `expired`. Rejects with the server's refusal. */
  refresh(expired: string | null): Promise<string>;
  /** The server says that there is no session any more. */
  ended(error: UimError): void;
}

/** One place for what all requests have in common: authorisation, refresh, repetition, errors. */
export class HttpClient {
  readonly #url: string;
  readonly #environment: Environment;
  readonly #credentials: RequestCredentials | null;

  /** `credentials`: whether cookies travel along; null where the platform knows of none. */
  constructor(url: string, environment: Environment, credentials: RequestCredentials | null) {
    this.#url = url.replace(/\/+$/, "");
    this.#environment = environment;
    this.#credentials = credentials;
  }

  /** As nobody in particular. */
  request<T extends z.ZodType>(schema: T, request: HttpRequest): Promise<z.infer<T>> {
    return this.#repeat(request, async () => read(schema, await this.#fetch(request, null)));
  }

  /** As whoever has signed in. A token that has expired is refreshed, once, and the request made again. */
  authorized<T extends z.ZodType>(
    authority: Authority,
    schema: T,
    request: HttpRequest,
  ): Promise<z.infer<T>> {
    const { generation } = authority;
    const isOver = () => authority.generation !== generation;
    return this.#repeat(request, async () => {
      if (isOver()) throw new UimError("signed_out", "The session in which this was asked is over");
      const token = authority.token() ?? (await authority.refresh(null));
      try {
        return read(schema, await this.#fetch(request, token));
      } catch (error) {
        if (isOver()) throw error;
        if (!isTokenFault(error)) throw noteEnd(authority, error);
        const fresh = await authority.refresh(token);
        return read(schema, await this.#fetch(request, fresh));
      }
    });
  }

  async #repeat<T>(request: HttpRequest, attempt: () => Promise<T>): Promise<T> {
    const { retry = true, repeatable = request.method !== "POST" } = request;
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt();
      } catch (error) {
        if (!retry || !(error instanceof UimError)) throw error;
        const delay = retryDelay(error, attempts, repeatable, this.#environment.random());
        if (delay === null) throw error;
        await new Promise<void>((resolve) => this.#environment.setTimer(resolve, delay));
      }
    }
  }

  #fetch(request: HttpRequest, token: string | null): Promise<unknown> {
    const { lock } = request;
    const attempt = () => this.#fetchNow(request, token);
    // It is held no longer than an answer is waited for.
    return lock === undefined ? attempt() : this.#environment.exclusively(lock, attempt);
  }

  async #fetchNow({ method, path, query, body }: HttpRequest, token: string | null): Promise<unknown> {
    const abort = new AbortController();
    const cancel = this.#environment.setTimer(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await this.#environment.fetch(this.#url + path + queryText(query), {
        method,
        signal: abort.signal,
        ...(this.#credentials && { credentials: this.#credentials }),
        headers: {
          Accept: "application/json",
          ...(token !== null && { Authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "Content-Type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = parseJson(await response.text());
      if (!response.ok) throw errorOfAnswer(response.status, response.headers, answer);
      return answer;
    } catch (error) {
      if (error instanceof UimError) throw error;
      throw new UimError("network", `${method} ${path} was not answered`, { cause: error });
    } finally {
      cancel();
    }
  }
}

function isTokenFault(error: unknown): boolean {
  return error instanceof UimError && (error.code === "token_expired" || error.code === "unauthenticated");
}

function noteEnd(authority: Authority, error: unknown): unknown {
  if (error instanceof UimError && error.code === "session_revoked") authority.ended(error);
  return error;
}

function read<T extends z.ZodType>(schema: T, answer: unknown): z.infer<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new UimError("bad_answer", "The server answered otherwise than the protocol says", {
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function queryText(query: Query = {}): string {
  const named = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return named.length === 0 ? "" : `?${new URLSearchParams(named)}`;
}
