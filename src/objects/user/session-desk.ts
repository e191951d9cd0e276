import { backoffDelay } from "../../domain/backoff.ts";
import { devicesToForget, isUseNews } from "../../domain/devices.ts";
import type { Identity } from "../../domain/identity.ts";
import { log } from "../../observability/log.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { callWithRetry } from "../runtime/time-limit.ts";
import type { DeviceSocket } from "./attachment.ts";
import type { Quota } from "./quota.ts";
import type { SessionOpening, Spend } from "./rpc.ts";
import type { Sessions } from "./sessions.ts";
import type { UserStore } from "./store.ts";
import { hashTicket, newTicket } from "./ticket.ts";

/** After this it is looked whether anything is left to close: this object may have ended while it waited. */
const CHECK_CLOSED_MS = 15_000;

export interface SessionContext {
  readonly user_id: string;
  readonly store: UserStore;
  readonly sessions: Sessions;
  readonly sockets: SocketSet<DeviceSocket>;
  readonly quota: Quota;
  readonly limits: Pick<Limits, "max_devices" | "ticket_seconds">;
  /** Where the inbox stands. */
  readonly sync_id: () => number;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "endSessions">;
  /** Has the object's alarm fire at that time or before. */
  readonly alarmAt: (due_at: number) => void;
  /** A device socket has ended. */
  readonly left: (session: DeviceSocket, seen_at: number) => void;
}

/** A user's sessions at work: who may come in, on which devices, and what ends with a session. */
export class SessionDesk {
  readonly #context: SessionContext;
  /** How often in a row sockets could not be closed. */
  #failures = 0;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** Why a session may not do this, or null (SEC-1, LIM-1). */
  admit({ session_id }: Identity, spend: Spend | "connection", now: number): Refusal | null {
    const { sessions, quota } = this.#context;
    const cause = sessions.refuse(session_id);
    if (cause) return cause;
    switch (spend) {
      case "connection":
        return quota.takeConnection(now);
      case "group":
        return quota.takeGroup(now);
      case "search":
        return quota.takeSearch(session_id, now);
      case "request":
        return quota.takeRequest(session_id, now);
    }
  }

  /** Keeps the device among the known ones; past the limit another gives way. A device that comes back soon costs no row. */
  keepDevice({ device_id, platform }: Omit<SessionOpening, "session_id">, now: number): void {
    const { store, sockets, limits, sync_id } = this.#context;
    if (!isUseNews(store.devices().get(device_id), platform, now)) return;
    store.putDevice({ device_id, platform, used_at: now, known_since: sync_id() });
    const connected = new Set([...sockets.entries()].map(([, session]) => session.device_id));
    const known = [...store.devices().values()];
    for (const other of devicesToForget(known, { used: device_id, connected, max: limits.max_devices }))
      store.deleteDevice(other);
  }

  /** Remembers where a session may have a socket, so that its end reaches there. */
  opensConversation({ session_id }: Identity, conversation_id: string, now: number): void {
    this.#context.sessions.opensConversation(session_id, conversation_id, now);
  }

  /** Where sessions may have a socket. */
  openedConversations(now: number): string[] {
    return this.#context.sessions.openedConversations(now);
  }

  /** A single-use ticket; `expires_in` in seconds. */
  async issueTicket(identity: Identity): Promise<{ ticket: string; expires_in: number }> {
    const { user_id, sessions, limits } = this.#context;
    const ticket = newTicket(user_id);
    const hash = await hashTicket(ticket);
    const now = Date.now();
    const expires_in = limits.ticket_seconds;
    sessions.putTicket(hash, identity, now + expires_in * 1000, now);
    return { ticket, expires_in };
  }

  async redeemTicket(ticket: string): Promise<Identity | null> {
    const { user_id, sessions } = this.#context;
    const hash = await hashTicket(ticket);
    const found = sessions.takeTicket(hash, Date.now());
    return found ? { user_id, ...found } : null;
  }

  /** Ends sessions for good, and their sockets. */
  async end(session_ids: readonly string[], close_code: number): Promise<void> {
    const { sessions, sockets, left } = this.#context;
    const now = Date.now();
    sessions.revoke(session_ids, close_code, now);
    for (const [socket, session] of sockets.entries()) {
      if (!session_ids.includes(session.session_id)) continue;
      sockets.close(socket, close_code, "session ended");
      left(session, now);
    }
    await this.closeConversationSockets();
  }

  /** Takes the end of sessions to the conversations in which they may have sockets; what fails is tried again (SEC-1). */
  async closeConversationSockets(): Promise<void> {
    const { user_id, sessions, conversation, alarmAt } = this.#context;
    const owed = sessions.owedClosings(Date.now());
    if (owed.length > 0) alarmAt(Date.now() + CHECK_CLOSED_MS);
    const closings = owed.map(async (closing) => {
      const { conversation_id, session_id, close_code } = closing;
      await callWithRetry(() => conversation(conversation_id).endSessions(user_id, [session_id], close_code));
      sessions.closed(closing);
    });
    const failed = (await Promise.allSettled(closings)).filter(({ status }) => status === "rejected");
    if (failed.length === 0) {
      this.#failures = 0;
      return;
    }
    log("error", "conversation sockets of ended sessions not closed", { count: failed.length });
    alarmAt(Date.now() + backoffDelay(++this.#failures));
  }
}
