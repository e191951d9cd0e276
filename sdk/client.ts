import { CLOSE } from "../src/protocol/close-codes.ts";
import type { InboxRow } from "../src/protocol/conversation.ts";
import type { Platform, RegisterRequest } from "../src/protocol/session.ts";
import type { Presence } from "../src/protocol/user.ts";
import type { ClientEvents } from "./client-events.ts";
import { Conversation } from "./conversation.ts";
import { Emitter } from "./emitter.ts";
import { type Changed, Engine } from "./engine.ts";
import type { Cancel, Environment } from "./environment.ts";
import { UimError } from "./errors.ts";
import { type Api, createApi } from "./http/api.ts";
import { HttpClient } from "./http/http-client.ts";
import { Session } from "./http/session.ts";
import { takeUp } from "./http/take-up.ts";
import { MemoryTokenStore, type TokenStore } from "./http/token-store.ts";
import { Derived, type Observable } from "./observable.ts";
import type { OutMessage } from "./outbox/outbox.ts";
import { type PlatformOptions, platformEnvironment } from "./platform.ts";
import { MAX_SHOWN } from "./state/stretch.ts";
import { MemoryStorage } from "./storage/memory-storage.ts";
import type { ClientStorage } from "./storage/storage.ts";
import type { ConnectionState } from "./transport/connection.ts";

export interface ClientOptions extends PlatformOptions {
  /** Of the server, as `https://chat.example.org`. */
  readonly url: string;
  /** What was received and what is to be sent is kept there. By default in memory. */
  readonly storage?: ClientStorage;
  /** By default in memory: whoever wants to stay signed in keeps them elsewhere. */
  readonly tokens?: TokenStore;
  /** In a browser: the refresh token stays in a cookie that no script can read. */
  readonly useCookie?: boolean;
  readonly device?: { readonly device_id?: string; readonly platform?: Platform; readonly name?: string };
  /** So many messages of each conversation are kept in the storage, at most 1,000; 200 by default. */
  readonly cachedMessages?: number;
  /** Of what was missed, the newest so many entries of a conversation are fetched by themselves; all by default. */
  readonly fillGapsUpTo?: number;
  /** Clock, chance, timers and network, for tests. */
  readonly environment?: Environment;
}

export interface ConnectionSnapshot {
  readonly state: ConnectionState;
  /** Everything that was missed has come. */
  readonly isSynced: boolean;
}

export interface InboxSnapshot {
  /** Newest activity first. */
  readonly rows: readonly InboxRow[];
  readonly unread_count: number;
  readonly mention_count: number;
  /** False until it was fetched once. */
  readonly isLoaded: boolean;
}

export type Credentials = { readonly username: string; readonly password: string };
export type Registration = Pick<RegisterRequest, "username" | "email" | "password" | "display_name">;

/** Why a socket may be closed for good, with which the session is over too. */
const ENDS_SESSION: readonly string[] = ["unauthenticated", "session_revoked", "account_suspended"];

const EVERYTHING: Changed = { inbox: true, presence: true, typing: true, outbox: true, connection: true };

const DISCONNECTED = new UimError("network", "The client was disconnected");

/** A user on one device. */
export class UimClient {
  /** Every route of the server, typed. */
  readonly api: Api;
  readonly connection: Observable<ConnectionSnapshot>;
  readonly inbox: Observable<InboxSnapshot>;
  /** By user id: those of whom the server has told since it connected. */
  readonly presence: Observable<ReadonlyMap<string, Presence>>;
  /** Who is typing, by conversation: ids of users; only where somebody is. */
  readonly typing: Observable<ReadonlyMap<string, readonly string[]>>;
  /** What the server has not acknowledged, oldest first. */
  readonly unsent: Observable<readonly OutMessage[]>;
  readonly #options: ClientOptions;
  readonly #environment: Environment;
  readonly #session: Session;
  readonly #storage: ClientStorage;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #conversations = new Map<string, Conversation>();
  readonly #connection: Derived<ConnectionSnapshot>;
  readonly #inbox: Derived<InboxSnapshot>;
  readonly #presence: Derived<ReadonlyMap<string, Presence>>;
  readonly #typing: Derived<ReadonlyMap<string, readonly string[]>>;
  readonly #unsent: Derived<readonly OutMessage[]>;
  #engine: Engine | null = null;
  /** How often it was disconnected: what was begun before is not to go on. */
  #stops = 0;
  /** How often somebody has signed out, or in anew: nobody is taken up whose session was looked for before. */
  #ends = 0;
  #beginning: Promise<Engine> | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#environment = options.environment ?? platformEnvironment(options);
    this.#storage = options.storage ?? new MemoryStorage();
    this.#emitter = new Emitter<ClientEvents>((error, name) => this.#report(error, name));
    const { useCookie = false, tokens = new MemoryTokenStore(), device } = options;
    const http = new HttpClient(options.url, this.#environment, useCookie ? "include" : null);
    const ofSession = { useCookie, device_id: device?.device_id ?? null };
    this.#session = new Session(http, tokens, ofSession, (error) => this.#sessionEnded(error));
    this.api = createApi(http, this.#session);
    this.#connection = new Derived(() => this.#deriveConnection());
    this.#inbox = new Derived((before) => this.#deriveInbox(before));
    this.#presence = new Derived<ReadonlyMap<string, Presence>>(() => new Map(this.#engine?.presence.known));
    this.#typing = new Derived<ReadonlyMap<string, readonly string[]>>(() => this.#deriveTyping());
    this.#unsent = new Derived<readonly OutMessage[]>(() => this.#engine?.outbox.messages ?? []);
    this.connection = this.#connection;
    this.inbox = this.#inbox;
    this.presence = this.#presence;
    this.typing = this.#typing;
    this.unsent = this.#unsent;
  }

  /** Null until somebody has signed in. */
  get user_id(): string | null {
    return this.#engine?.replica.user_id ?? this.#session.user_id;
  }

  get device_id(): string | null {
    return this.#session.device_id;
  }

  /** Why nobody is signed in any more, as far as the server has said it; null while somebody is. */
  get ended(): UimError | null {
    return this.#session.end;
  }

  /** Creates an account and signs in. */
  async register(registration: Registration) {
    return this.#signIn("/api/auth/register", registration);
  }

  /** `username` may be the e-mail address. */
  async login(credentials: Credentials) {
    return this.#signIn("/api/auth/login", credentials);
  }

  /**
   * Takes up the session that was kept, and what the storage holds; offline too, and soon where the network is bad. False: somebody has
   * to sign in.
   */
  async resume(): Promise<boolean> {
    const ends = this.#ends;
    const isBack = await takeUp(this.#session, this.#storage, this.#environment);
    if (isBack && ends === this.#ends) await this.#begin();
    // The server may have said meanwhile that the session is over.
    return ends === this.#ends && this.#session.user_id !== null;
  }

  /** Connects, and stays so. Resolves when everything missed has come; rejects if the server wants no more of it. */
  async connect(): Promise<void> {
    const stops = this.#stops;
    if (!(await this.resume())) throw new UimError("signed_out", "Sign in first");
    const engine = await this.#begin();
    if (stops !== this.#stops) throw DISCONNECTED;
    if (engine.isSynced) return;
    await new Promise<void>((resolve, reject) => {
      const cancels: Cancel[] = [];
      const settle = (act: () => void) => {
        for (const cancel of cancels) cancel();
        act();
      };
      cancels.push(engine.whenSynced(() => settle(resolve)));
      cancels.push(
        this.connection.subscribe(() => {
          const { state } = this.connection.getSnapshot();
          if (state.phase === "stopped") settle(() => reject(errorOf(state)));
          if (state.phase === "idle") settle(() => reject(this.ended ?? DISCONNECTED));
        }),
      );
      engine.start();
    });
  }

  /** Closes all sockets. What is not sent waits in the outbox. */
  disconnect(): void {
    this.#stops++;
    this.#engine?.stop();
  }

  /**
   * Deletes at once what is kept here, and ends the session. Rejects if the server could not be told: with `useCookie` the cookie is
   * left then, and a later call ends its session, though nobody is signed in.
   */
  async logout(): Promise<void> {
    const deleted = this.#end().then(() => this.#storage.clear());
    const outcomes = await Promise.allSettled([deleted, this.api.logout()]);
    await this.#session.forget();
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /**
   * Is nobody's any more, at once: neither the server nor the storage is told. For a window of a browser in which another one has
   * signed out, or somebody else in.
   */
  async leave(): Promise<void> {
    const ended = this.#end();
    await this.#session.forget();
    await ended;
  }

  /** A conversation by its id; the same object each time. */
  conversation(conversation_id: string): Conversation {
    const known = this.#conversations.get(conversation_id);
    if (known) return known;
    if (!this.#engine) throw new UimError("signed_out", "Sign in or resume first");
    const context = { environment: this.#environment, engine: this.#engine, api: this.api };
    const conversation = new Conversation(conversation_id, context);
    this.#conversations.set(conversation_id, conversation);
    return conversation;
  }

  /** The conversation with another user: the one that there is, or a new one. */
  async conversationWith(user_id: string): Promise<Conversation> {
    const details = await this.api.oneOnOne(user_id);
    return this.#adopt(details);
  }

  async createGroup(name: string, user_ids: readonly string[]): Promise<Conversation> {
    const client_conversation_id = this.#environment.newId();
    const draft = { name, participant_ids: [...user_ids], client_conversation_id };
    return this.#adopt(await this.api.createGroup(draft));
  }

  /** Says how the user is, on this device. False if it is not connected. */
  setPresence(status: "online" | "away" | "busy", status_text?: string): boolean {
    const payload = { status, ...(status_text !== undefined && { status_text }) };
    return this.#engine?.say(null, { type: "PRESENCE_UPDATE", payload }) ?? false;
  }

  /** Calls back with every event of this name, until the answered function is called. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => unknown): Cancel {
    return this.#emitter.on(name, listener);
  }

  async #signIn(path: string, who: object) {
    const { device = {} } = this.#options;
    // It writes what it has noted so far: the same user may be back.
    this.#engine?.stop();
    await this.#end();
    const signedIn = await this.#session.signIn(path, { ...who, device });
    await this.#begin();
    return signedIn;
  }

  /** Whoever asks meanwhile shares it. What failed, as when the storage cannot be read for a moment, can be tried again. */
  #begin(): Promise<Engine> {
    if (this.#beginning) return this.#beginning;
    const beginning: Promise<Engine> = this.#createEngine().catch((error: unknown) => {
      if (this.#beginning === beginning) this.#beginning = null;
      throw error;
    });
    this.#beginning = beginning;
    return beginning;
  }

  async #createEngine(): Promise<Engine> {
    const { user_id } = this.#session;
    if (user_id === null) throw new UimError("signed_out", "Sign in first");
    const { cachedMessages = 200, fillGapsUpTo = Number.POSITIVE_INFINITY, device } = this.#options;
    const engine = new Engine({
      environment: this.#environment,
      api: this.api,
      refresh: () => this.#session.refresh(this.#session.token()),
      emitter: this.#emitter,
      storage: this.#storage,
      user_id,
      device_id: device?.device_id ?? this.#session.device_id,
      platform: device?.platform ?? null,
      // What is held in memory is never less than that, so that what is kept can be told from it.
      cached_messages: Math.min(cachedMessages, MAX_SHOWN),
      fill_gaps_up_to: fillGapsUpTo,
      changed: (what) => this.#changed(what),
    });
    await engine.restore();
    engine.whenSynced(() => this.#refreshOpen());
    this.#engine = engine;
    this.#changed(EVERYTHING);
    return engine;
  }

  async #end(): Promise<void> {
    this.#ends++;
    // One that is still beginning would be there afterwards.
    if (!this.#engine) await this.#beginning?.catch(() => undefined);
    const engine = this.#engine;
    this.#engine = null;
    this.#beginning = null;
    this.#conversations.clear();
    await engine?.end();
    this.#changed(EVERYTHING);
  }

  #adopt(details: Parameters<Engine["replica"]["takeDetails"]>[0]): Conversation {
    this.#engine?.replica.takeDetails(details);
    this.#engine?.apply();
    return this.conversation(details.conversation_id);
  }

  /** While it was away, things may have happened that no frame tells of. */
  #refreshOpen(): void {
    for (const conversation of this.#conversations.values()) {
      if (conversation.isOpen) conversation.refresh().catch((error) => this.#refreshFailed(error));
    }
  }

  /** Who is no member any more hears of it in another way. */
  #refreshFailed(error: unknown): void {
    const isGone = error instanceof UimError && error.code === "conversation_not_found";
    if (!isGone) this.#emitter.emit("error", error);
  }

  #sessionEnded(error: UimError): void {
    this.#engine?.stop();
    this.#emitter.emit("signed_out", error);
  }

  #changed({ conversations = [], inbox, presence, typing, outbox, connection }: Changed): void {
    for (const conversation_id of conversations) this.#conversations.get(conversation_id)?.changed();
    if (inbox) this.#inbox.changed();
    if (presence) this.#presence.changed();
    if (typing) this.#typing.changed();
    if (outbox) this.#unsent.changed();
    if (connection) this.#connectionChanged();
  }

  #connectionChanged(): void {
    this.#connection.changed();
    const { state } = this.#connection.getSnapshot();
    // A socket can be the first to hear that the session has ended (SEC-1).
    if (state.phase !== "stopped") return;
    const error = errorOf(state);
    if (ENDS_SESSION.includes(error.code)) this.#session.ended(error);
  }

  /** A listener has failed. If it is the one for errors, nobody else is left to tell. */
  #report(error: unknown, name: keyof ClientEvents): void {
    if (name !== "error" && this.#emitter.has("error")) this.#emitter.emit("error", error);
    else console.error(error);
  }

  #deriveConnection(): ConnectionSnapshot {
    const engine = this.#engine;
    return { state: engine?.connection ?? { phase: "idle" }, isSynced: engine?.isSynced ?? false };
  }

  #deriveTyping(): ReadonlyMap<string, readonly string[]> {
    const states = [...(this.#engine?.replica.conversations.values() ?? [])];
    const typing = states.map(
      ({ conversation_id, typers }) => [conversation_id, Object.keys(typers)] as const,
    );
    return new Map(typing.filter(([, user_ids]) => user_ids.length > 0));
  }

  #deriveInbox(before: InboxSnapshot | undefined): InboxSnapshot {
    const rows = this.#engine?.replica.inbox.rows() ?? [];
    const isLoaded = this.#engine?.isInboxLoaded ?? false;
    const isSame =
      before?.isLoaded === isLoaded &&
      before.rows.length === rows.length &&
      rows.every((row, index) => row === before.rows[index]);
    if (isSame) return before;
    return {
      rows,
      isLoaded,
      unread_count: rows.reduce((sum, row) => sum + row.unread_count, 0),
      mention_count: rows.reduce((sum, row) => sum + row.mention_count, 0),
    };
  }
}

function errorOf({ close_code, error }: Extract<ConnectionState, { phase: "stopped" }>): UimError {
  if (error) return error;
  const [name = `closed_${close_code}`] = Object.entries(CLOSE).find(([, code]) => code === close_code) ?? [];
  return new UimError(name, `The server has closed the socket for good (${close_code})`);
}
