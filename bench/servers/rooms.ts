import type { Room, Seat } from "../client/load-job.ts";
import type { SeededUser } from "../worker/seed-requests.ts";
import type { SeedDoor } from "./seed-door.ts";

/** A conversation as it was seeded. */
export interface SeededRoom {
  readonly conversation_id: string;
  readonly users: readonly SeededUser[];
}

/** Conversations of so many members each, of which nobody is in two. */
export async function seedRooms(door: SeedDoor, count: number, members: number): Promise<SeededRoom[]> {
  const users = await door.users(count * members);
  const crowds = Array.from({ length: count }, (_, index) =>
    users.slice(index * members, (index + 1) * members),
  );
  const ids = await door.conversations(crowds.map((crowd) => crowd.map(({ user_id }) => user_id)));
  return crowds.map((crowd, index) => ({ users: crowd, conversation_id: ids[index] ?? "" }));
}

export type SocketKind = "device" | "conversation";

/** The members on sockets of one kind; the first `senders` of them send. */
export function uimRoom(url: string, kind: SocketKind, room: SeededRoom, senders = 1): Room {
  const { conversation_id } = room;
  return roomOf(room, senders, (user) => ({
    url: kind === "device" ? deviceUrl(url, user) : conversationUrl(url, user, conversation_id),
    socket: kind,
  }));
}

export function baselineRoom(url: string, room: SeededRoom): Room {
  return roomOf(room, 1, ({ user_id }) => ({
    url: `${socketUrl(url)}/user/${user_id}`,
    socket: "conversation",
  }));
}

/** An echo has one seat, and no conversation but with itself. */
export function echoRoom(url: string, { conversation_id }: SeededRoom): Room {
  return { conversation_id, seats: [{ url: socketUrl(url), socket: "plain", sends: true }] };
}

export function deviceUrl(url: string, { access_token }: SeededUser): string {
  return `${socketUrl(url)}/ws?token=${access_token}&batch=1`;
}

function conversationUrl(url: string, { access_token }: SeededUser, conversation_id: string): string {
  return `${socketUrl(url)}/ws/conversations/${conversation_id}?token=${access_token}&batch=1`;
}

function roomOf(
  { conversation_id, users }: SeededRoom,
  senders: number,
  seatOf: (user: SeededUser) => Omit<Seat, "sends">,
): Room {
  const seats = users.map((user, index) => ({ ...seatOf(user), sends: index < senders }));
  return { conversation_id, seats };
}

function socketUrl(url: string): string {
  return url.replace(/^http/, "ws");
}
