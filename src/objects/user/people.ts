import { type FriendAnswer, type FriendChange, type FriendNews, mirrored } from "../../domain/friendship.ts";
import {
  type Announced,
  activeSince,
  announcementDueAt,
  RETURN_MS,
  shownStatus,
} from "../../domain/presence.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { Presence } from "../../protocol/user.ts";
import { FriendCalls } from "./friend-calls.ts";
import type { PeopleStore } from "./people-store.ts";
import { connectedDevices, type PresenceContext, presenceNow } from "./presence.ts";
import type { UserRpc } from "./rpc.ts";

/** So many friends are told of a change, and asked by a device that connects; the rest is seen on demand. */
const MAX_TOLD = 500;

export interface PeopleContext extends PresenceContext {
  readonly people: PeopleStore;
  readonly friend: (user_id: string) => Pick<UserRpc, "friendPresence">;
  readonly alarmAt: (due_at: number | null) => void;
  /** To all devices of the user. */
  readonly broadcast: (frame: ServerFrame) => void;
  readonly write: (socket: WebSocket, frame: ServerFrame) => void;
}

/**
 * A user among its friends: who they are, and what they are told of its presence (PRES-2, PRES-3). What was announced is
 * remembered, so that nothing is told twice: before the calls, since what was told has to be taken back one day even if a
 * crash comes between; that a user is offline after them, since no event would come to tell it again.
 */
export class People {
  readonly #context: PeopleContext;
  readonly #calls: FriendCalls;
  /** Rebuilt from `announced`. */
  #announced: Announced | null = null;
  /** Read again after a change. */
  #friendIds: readonly string[] | null = null;

  constructor(context: PeopleContext) {
    this.#context = context;
    this.#calls = new FriendCalls({
      call: (friend_id, isNews) => context.friend(friend_id).friendPresence(this.#newsFor(friend_id, isNews)),
      answered: (friend_id, answer, sockets) => this.#answered(friend_id, answer, sockets),
      done: () => this.#remember(),
    });
  }

  /** The Worker, or a friend's object, says how another user stands to this one. What is known already costs nothing. */
  changed({ user_id, status, version }: FriendChange): void {
    const { people, broadcast } = this.#context;
    const known = people.standing(user_id);
    if (known.version >= version) return;
    people.putStanding({ user_id, status, version });
    this.#friendIds = null;
    if (known.status === status) return;
    broadcast({ type: "FRIEND_UPDATE", payload: { user_id, status } });
    if (status === "friends") this.#befriended(user_id);
    else if (known.status === "friends") this.#parted(user_id);
  }

  /** A friend's object tells of its user's presence, or asks for this one's (PRES-3). */
  received({ user_id, version, presence }: FriendNews): FriendAnswer {
    const { people, broadcast } = this.#context;
    this.changed({ user_id, status: "friends", version });
    const standing = people.standing(user_id);
    if (standing.status !== "friends") return { ...standing, presence: null };
    if (presence) {
      this.#calls.heardFrom(user_id);
      broadcast({ type: "PRESENCE_UPDATE", payload: presence });
    }
    // A crash may have cut this user off, and nothing else have noticed.
    this.#armAlarm(Date.now());
    return { ...standing, presence: this.#shown.status === "offline" ? null : this.#presence() };
  }

  /** A device has connected: it is given the presence of the friends who are there. */
  connected(socket: WebSocket): void {
    this.settle();
    this.#calls.ask(this.#friends, socket);
  }

  /** Since when a device that connects now counts as active (PRES-2). */
  activeSince(device_id: string, now: number): number {
    const { sockets, store } = this.#context;
    const isConnected = [...sockets.entries()].some(([, session]) => session.device_id === device_id);
    const { last_seen_at } = store.user();
    const isBack = isConnected || (last_seen_at !== null && now - last_seen_at < RETURN_MS);
    return activeSince(this.#shown.status, isBack, now);
  }

  /** A device is being used: who was away is not. */
  active(): void {
    if (this.#shown.status === "away") this.settle();
  }

  /** Tells the friends if their picture of this user is not true any more; answers whether it does. */
  settle(): boolean {
    const { store } = this.#context;
    if (this.#friends.length === 0) return false;
    const now = Date.now();
    const { status: actual, status_text } = presenceNow(this.#context, now);
    const before = this.#shown;
    const status = shownStatus(actual, before.status, store.user().last_seen_at, now);
    const isNews = status !== before.status || status_text !== before.status_text;
    if (isNews) {
      this.#announced = { status, status_text };
      if (status !== "offline") this.#remember();
      this.#calls.tell(this.#friends);
    }
    this.#armAlarm(now);
    return isNews;
  }

  /** Resolves when the friends have been told. */
  whenTold(): Promise<void> {
    return this.#calls.whenDone();
  }

  get #shown(): Announced {
    this.#announced ??= this.#context.people.announced();
    return this.#announced;
  }

  get #friends(): readonly string[] {
    this.#friendIds ??= this.#context.people.friendIds(MAX_TOLD);
    return this.#friendIds;
  }

  #befriended(user_id: string): void {
    if (!this.settle() && this.#shown.status !== "offline") this.#calls.tell([user_id]);
  }

  /** The devices must not go on showing who is not to be seen any more. */
  #parted(user_id: string): void {
    this.#calls.drop(user_id);
    const unseen: Presence = { user_id, status: "offline", last_seen_at: null, status_text: "" };
    this.#context.broadcast({ type: "PRESENCE_UPDATE", payload: unseen });
  }

  #answered(friend_id: string, answer: FriendAnswer, sockets: ReadonlySet<WebSocket>): void {
    const { status, version, presence } = answer;
    // A change of which one of the two objects was not told is known to the other.
    this.changed({ user_id: friend_id, status: mirrored(status), version });
    if (!presence || this.#context.people.standing(friend_id).status !== "friends") return;
    for (const socket of sockets) this.#context.write(socket, { type: "PRESENCE_UPDATE", payload: presence });
  }

  #newsFor(friend_id: string, isNews: boolean): FriendNews {
    const { user_id, people } = this.#context;
    const { version } = people.standing(friend_id);
    return { user_id, version, presence: isNews ? this.#presence() : null };
  }

  /** As friends see it. */
  #presence(): Presence {
    const { last_seen_at, ...presence } = presenceNow(this.#context, Date.now());
    const hides = this.#context.people.privacy().last_seen === "nobody";
    return { ...presence, ...this.#shown, last_seen_at: hides ? null : last_seen_at };
  }

  #armAlarm(now: number): void {
    const { store, sockets, limits, alarmAt } = this.#context;
    const announced = this.#shown.status;
    const state = { announced, devices: connectedDevices(sockets), left_at: store.user().last_seen_at };
    alarmAt(announcementDueAt(state, now, limits.heartbeat_timeout_ms));
  }

  #remember(): void {
    const { people } = this.#context;
    const stored = people.announced();
    const { status, status_text } = this.#shown;
    if (stored.status !== status || stored.status_text !== status_text) people.putAnnounced(this.#shown);
  }
}
