import { z } from "zod";
import {
  type FillRequest,
  type SeedConversations,
  type SeededUser,
  type SeedUsers,
  seededUserSchema,
} from "../worker/seed-requests.ts";

/** So many at a time: the seeding server answers a call only when all of it is stored. */
const USERS_PER_CALL = 500;
const CONVERSATIONS_PER_CALL = 50;
const MESSAGES_PER_CALL = 50_000;

/** The back door of the seeding server, from outside. */
export class SeedDoor {
  readonly #url: string;
  #users = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async users(count: number): Promise<SeededUser[]> {
    const made: SeededUser[] = [];
    while (made.length < count) {
      const request: SeedUsers = { from: this.#users, count: Math.min(USERS_PER_CALL, count - made.length) };
      this.#users += request.count;
      made.push(...(await this.#post("users", request, z.array(seededUserSchema))));
    }
    return made;
  }

  /** By the ids of their members; two make a one-on-one. */
  async conversations(members: readonly string[][]): Promise<string[]> {
    const made: string[] = [];
    while (made.length < members.length) {
      const request: SeedConversations = {
        members: members.slice(made.length, made.length + CONVERSATIONS_PER_CALL),
      };
      made.push(...(await this.#post("conversations", request, z.array(z.string()))));
    }
    return made;
  }

  /** Appends `count` messages to a conversation, numbered from `first` on; null: mixed texts. */
  async fill(
    conversation_id: string,
    sender_id: string,
    count: number,
    content: string | null,
    first = 0,
  ): Promise<void> {
    for (let done = 0; done < count; done += MESSAGES_PER_CALL) {
      const portion = Math.min(MESSAGES_PER_CALL, count - done);
      const request: FillRequest = {
        conversation_id,
        sender_id,
        from: first + done,
        count: portion,
        content,
      };
      await this.#post("fill", request, z.number());
    }
  }

  async #post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${this.#url}/bench/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`seeding ${path} failed (${response.status}): ${text}`);
    return schema.parse(JSON.parse(text));
  }
}
