import fc from "fast-check";
import { uniqueName } from "../support/server/client.ts";
import type { Known } from "./from-schema.ts";

/** What belongs to whoever sends a request, by the name that stands for it in a request. */
export interface Belongings {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly ticket: string;
  readonly session_id: string;
  readonly username: string;
  readonly password: string;
  readonly own_id: string;
  readonly peer_id: string;
  readonly third_id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  /** A group of its own, with a message of its own and an invitation. */
  readonly group_id: string;
  readonly group_message_id: string;
  readonly invite_code: string;
}

const own = (name: keyof Belongings) => fc.constant(`{{${name}}}`);

/** `{{unique}}` is another name in each request. */
const unique = fc.constant("{{unique}}");

/** Fields that name something: values of their schema alone would never get past "there is no such thing". */
export const KNOWN: Known = {
  conversation_id: fc.oneof(own("conversation_id"), own("group_id")),
  message_id: fc.oneof(own("message_id"), own("group_message_id")),
  code: own("invite_code"),
  emoji: fc.constantFrom("👍", "❤", "👨‍👩‍👧‍👦", "x"),
  session_id: own("session_id"),
  user_id: fc.oneof(own("peer_id"), own("own_id"), own("third_id")),
  participant_id: fc.oneof(own("peer_id"), own("third_id")),
  participant_ids: fc.constant(["{{peer_id}}", "{{third_id}}"]),
  user_ids: fc.constant(["{{third_id}}"]),
  username: fc.oneof(own("username"), unique),
  email: unique.map((name) => `${name}@example.com`),
  password: own("password"),
  current_password: own("password"),
  new_password: own("password"),
  refresh_token: own("refresh_token"),
  ticket: own("ticket"),
  token: own("access_token"),
  client_message_id: fc.oneof(unique, fc.constant("once")),
  seq: fc.integer({ min: 0, max: 3 }),
  reply_to_seq: fc.constantFrom(null, 1),
  last_sync_id: fc.integer({ min: 0, max: 5 }),
  q: fc.oneof(
    fc.constantFrom(
      '"',
      'a "b* c',
      "a AND (b OR NOT c*)",
      "NEAR(a b, 1)",
      "terms:a",
      "^a -b",
      "世界 한",
      "e\u0301*",
    ),
    fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }),
  ),
  sender_id: own("own_id"),
  from: fc.integer({ min: 0, max: 5 }),
  to: fc.integer({ min: 5, max: Number.MAX_SAFE_INTEGER }),
};

/** The text with everything in place that the sender has. */
export function fillIn(text: string, belongings: Belongings): string {
  const values = new Map<string, string>(Object.entries(belongings));
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    name === "unique" ? uniqueName("f") : (values.get(name) ?? whole),
  );
}
