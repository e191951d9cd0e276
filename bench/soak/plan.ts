import type { SeedDoor } from "../servers/seed-door.ts";
import type { SeededUser } from "../worker/seed-requests.ts";
import { between } from "./chance.ts";

/** Conversations of one kind, and how many messages a second are sent in all of them together. */
export interface Circle {
  readonly name: string;
  readonly per_second: number;
  /** Who is in each: places in the list of users. */
  readonly members: readonly (readonly number[])[];
  /** So many of them are open on the screens of their first two members: those use a conversation socket there. */
  readonly on_screen: number;
  /** Its objects are to sleep between two messages. */
  readonly is_quiet?: true;
}

export const USERS = 100;

/** A modest load: the server shall have time to rest, or nothing would ever hibernate. */
export const CIRCLES: readonly Circle[] = [
  // So much that whoever is away for two minutes is told of a gap (`sync_push_limit`).
  { name: "chatter", per_second: 4, members: times(2, (index) => [2 * index, 2 * index + 1]), on_screen: 1 },
  {
    name: "pairs",
    per_second: 16,
    members: times(25, (index) => [2 * index + 4, 2 * index + 5]),
    on_screen: 10,
  },
  // One message in 40 s each: their objects sleep in between, and most are evicted.
  {
    name: "quiet pairs",
    per_second: 1.5,
    members: times(60, (index) => [index, (index + 37) % USERS]),
    on_screen: 5,
    is_quiet: true,
  },
  {
    name: "groups of 10",
    per_second: 2,
    members: times(4, (index) => range(25 * index, 10, 1)),
    on_screen: 2,
  },
  { name: "group of 50", per_second: 0.2, members: [range(0, 50, 2)], on_screen: 1 },
];

/** What else is done, a second. */
export const REQUESTS_PER_SECOND = 4;
export const SIGN_INS_PER_SECOND = 0.1;
export const REFRESHES_PER_SECOND = 0.2;

/** Every third user has a second device. */
export function hasSecondDevice(user: number): boolean {
  return user % 3 === 0;
}

/** Which devices come and go; the others stay. */
export function isTraveller(user: number, device: number): boolean {
  return device === 0 ? user % 4 === 3 : user % 2 === 0;
}

/** How its user reads on a device: at once, late, or never. */
export type Reading = "at once" | "late" | "never";

export function readingOf(user: number, device: number): Reading {
  return (["at once", "late", "never"] as const)[(user + device) % 3] ?? "never";
}

/** Between these two, in seconds, a traveller stays. */
export const STAY_SECONDS = [10, 90] as const;

/** How long a traveller is away, in seconds: mostly a moment, as in a tunnel, sometimes for minutes. */
export function awaySeconds(run_minutes: number): number {
  const chance = Math.random();
  const [least, most] = chance < 0.5 ? [1, 8] : chance < 0.85 ? [10, 60] : [60, 240];
  return Math.min(run_minutes * 20, between(least, most));
}

/** What was made in the data folder: the conversations of each circle, in its order. */
export interface Seeded {
  readonly users: readonly SeededUser[];
  readonly conversation_ids: readonly (readonly string[])[];
}

export async function seedPlan(door: SeedDoor): Promise<Seeded> {
  const users = await door.users(USERS);
  const conversation_ids: string[][] = [];
  for (const { members } of CIRCLES) {
    const ids = members.map((places) => places.map((place) => users[place]?.user_id ?? ""));
    conversation_ids.push(await door.conversations(ids));
  }
  return { users, conversation_ids };
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function range(from: number, count: number, step: number): number[] {
  return times(count, (index) => from + index * step);
}
