import type { z } from "zod";
import { CLOSE } from "../../protocol/close-codes.ts";
import type { Refusal } from "../../protocol/errors.ts";
import { HEARTBEAT_PING_TEXT, HEARTBEAT_PONG_TEXT } from "../../protocol/frames/heartbeat.ts";
import { noteLeft, refuseForUnread } from "./left-unread.ts";
import type { SocketSession } from "./socket-session.ts";

/** A client that goes on breaking the protocol is cut off after so many bad frames in so short a time. */
const MAX_VIOLATIONS = 100;
const VIOLATIONS_MS = 60_000;

/** RFC 6455 §7.4.1: no code came with the Close frame, and no Close frame came. */
const NO_CODE = 1005;
const CONNECTION_LOST = 1006;

/** The time of the last frame is written to the attachment when it has grown by so much. */
const ACTIVE_STEP_MS = 10_000;

/**
 * The sockets of one object. Their sessions live in the attachments, which survive hibernation; the map in memory
 * is rebuilt from `getWebSockets()`. The tag of a socket is its user.
 */
export class SocketSet<T extends SocketSession> {
  readonly #ctx: DurableObjectState;
  readonly #schema: z.ZodType<T>;
  readonly #max_per_user: number;
  readonly #sessions = new Map<WebSocket, T>();
  /** How many of these each user has. */
  readonly #users = new Map<string, number>();
  readonly #violations = new WeakMap<WebSocket, { count: number; since: number }>();
  readonly #alive = new WeakMap<WebSocket, number>();
  /** Sockets whose session was given up. */
  readonly #gone = new WeakSet<WebSocket>();

  constructor(ctx: DurableObjectState, schema: z.ZodType<T>, max_per_user: number) {
    this.#ctx = ctx;
    this.#schema = schema;
    this.#max_per_user = max_per_user;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT_PING_TEXT, HEARTBEAT_PONG_TEXT));
    for (const socket of ctx.getWebSockets()) {
      const session = schema.safeParse(socket.deserializeAttachment());
      if (session.success && socket.readyState === WebSocket.OPEN) this.#add(socket, session.data);
      else closeQuietly(socket, CLOSE.going_away, "reconnect");
    }
  }

  /** Why a user may open no socket now, or null. */
  refuse(user_id: string): Refusal | null {
    return refuseForUnread(user_id, this.#ctx.getWebSockets(user_id), Date.now());
  }

  /** Answers an upgrade. A device has one socket here, and a user a limited number: older ones are closed as replaced. */
  open(session: T): { response: Response; socket: WebSocket; replaced: T[] } {
    const replaced = this.#replacedBy(session).map(([socket, other]) => {
      this.close(socket, CLOSE.replaced, "replaced by a newer socket");
      return other;
    });
    const { 0: client, 1: socket } = new WebSocketPair();
    this.#ctx.acceptWebSocket(socket, [session.user_id]);
    socket.serializeAttachment(session);
    this.#add(socket, session);
    return { response: new Response(null, { status: 101, webSocket: client }), socket, replaced };
  }

  /** None for a socket that is closing: nothing more is for it. */
  session(socket: WebSocket): T | undefined {
    return socket.readyState === WebSocket.OPEN ? this.#sessions.get(socket) : undefined;
  }

  /** Who sent what a socket brings: also while it is closing, since what came before the Close counts. */
  sender(socket: WebSocket): T | undefined {
    return this.#sessions.get(socket);
  }

  update(socket: WebSocket, session: T): void {
    this.#sessions.set(socket, session);
    socket.serializeAttachment(session);
  }

  /** The open sockets and their sessions. */
  *entries(): Generator<[WebSocket, T]> {
    for (const entry of this.#sessions) if (entry[0].readyState === WebSocket.OPEN) yield entry;
  }

  hasSocketOf(user_id: string): boolean {
    return this.#users.has(user_id);
  }

  get isEmpty(): boolean {
    return this.entries().next().done === true;
  }

  /** Notes that its client is alive, and no more; to be forgotten with the memory, as heartbeats go on. */
  noteAlive(socket: WebSocket, now: number): void {
    this.#alive.set(socket, now);
  }

  /** Notes that its client did something. */
  heard(socket: WebSocket, now: number): void {
    const session = this.#sessions.get(socket);
    if (session && now - session.active_at > ACTIVE_STEP_MS)
      this.update(socket, { ...session, active_at: now });
  }

  /** When a socket was last heard of: its connection, its last frame, or its last heartbeat. */
  heardAt(socket: WebSocket): number {
    const { connected_at = 0, active_at = 0 } = this.#sessions.get(socket) ?? {};
    return Math.max(
      connected_at,
      active_at,
      this.#alive.get(socket) ?? 0,
      this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
    );
  }

  /** Counts a bad frame; closes the socket of a client that does not stop, and answers its session. */
  violated(socket: WebSocket, now: number): T | undefined {
    const known = this.#violations.get(socket);
    const violations = known && now - known.since < VIOLATIONS_MS ? known : { count: 0, since: now };
    violations.count++;
    this.#violations.set(socket, violations);
    return violations.count < MAX_VIOLATIONS
      ? undefined
      : this.close(socket, CLOSE.protocol_violation, "too many bad frames");
  }

  /** Closes a socket from our side. */
  close(socket: WebSocket, code: number, reason: string): T | undefined {
    const session = this.remove(socket);
    closeQuietly(socket, code, reason);
    return session;
  }

  /** The other side has closed: completes that, and answers its session, once. */
  closed(socket: WebSocket, code: number, reason: string): T | undefined {
    const session = this.remove(socket);
    const { user_id } = session ?? this.#kept(socket) ?? {};
    // With its connection gone nothing is held for it.
    if (user_id !== undefined && code !== CONNECTION_LOST) noteLeft(user_id, socket, Date.now());
    replyToClose(socket, code, reason);
    return session;
  }

  closeAllOf(user_id: string, code: number, reason: string): void {
    for (const [socket, session] of [...this.entries()]) {
      if (session.user_id === user_id) this.close(socket, code, reason);
    }
  }

  /**
   * Forgets a socket that has closed; its session is returned once. A close that woke the object from hibernation is
   * about a socket that `getWebSockets()` no longer lists: its session is then read from the attachment.
   */
  remove(socket: WebSocket): T | undefined {
    const session = this.#sessions.get(socket);
    const isGone = this.#gone.has(socket);
    if (session) this.#count(session.user_id, -1);
    this.#sessions.delete(socket);
    this.#gone.add(socket);
    return session || isGone ? session : this.#kept(socket);
  }

  /** What the attachment of a socket says. */
  #kept(socket: WebSocket): T | undefined {
    return this.#schema.safeParse(socket.deserializeAttachment()).data;
  }

  /** The sockets of its device, and of its user's others those opened longest ago, if there are too many. */
  #replacedBy({ user_id, device_id }: T): [WebSocket, T][] {
    const ofDevice: [WebSocket, T][] = [];
    const others: [WebSocket, T][] = [];
    for (const socket of this.#ctx.getWebSockets(user_id)) {
      const session = this.#sessions.get(socket);
      if (session?.device_id === device_id) ofDevice.push([socket, session]);
      else if (session && socket.readyState === WebSocket.OPEN) others.push([socket, session]);
    }
    others.sort(([, a], [, b]) => a.connected_at - b.connected_at);
    return [...ofDevice, ...others.slice(0, Math.max(0, others.length + 1 - this.#max_per_user))];
  }

  #add(socket: WebSocket, session: T): void {
    this.#sessions.set(socket, session);
    this.#count(session.user_id, 1);
  }

  #count(user_id: string, change: 1 | -1): void {
    const count = (this.#users.get(user_id) ?? 0) + change;
    if (count > 0) this.#users.set(user_id, count);
    else this.#users.delete(user_id);
  }
}

export function closeQuietly(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already, which is what we want.
  }
}

/** Completes the client's close. workerd does not (2026-11-17), and codes that stand for what was not sent may not be sent. */
function replyToClose(socket: WebSocket, code: number, reason: string): void {
  closeQuietly(socket, code === NO_CODE || code === CONNECTION_LOST ? 1000 : code, reason);
}
