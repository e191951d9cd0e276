import { z } from "zod";
import { conversationEventSchema } from "../../src/protocol/event.ts";
import type { Host } from "./platform/host.ts";

const rowSchema = z.object({
  seq: z.number(),
  kind: z.enum(["message", "event", "edited", "deleted", "reaction", "pinned"]),
  message_id: z.string(),
  sender_id: z.string(),
  client_message_id: z.string().nullable(),
  content: z.string(),
  created_at: z.number(),
  edited_at: z.number().nullable(),
  deleted_at: z.number().nullable(),
  pinned_at: z.number().nullable(),
  target_seq: z.number().nullable(),
  extra: z.string().nullable(),
});

const inviteSchema = z.object({ uses: z.number(), max_uses: z.number().nullable() });

const hiddenSchema = z.object({ seq: z.number(), user_id: z.string() });

const memberSchema = z.object({ user_id: z.string(), read_seq: z.number() });

const reactionSchema = hiddenSchema.extend({ emoji: z.string() });

const extraSchema = z.object({
  mentions: z.array(z.string()).default([]),
  first_mentions: z.array(z.string()).optional(),
  event: conversationEventSchema.optional(),
});

/** An entry as the tables keep it. */
export type LogRow = Omit<z.infer<typeof rowSchema>, "extra"> & z.infer<typeof extraSchema>;

/** A conversation straight from its tables. */
export interface Tables {
  readonly log: readonly LogRow[];
  /** By member, the places of the messages that it has deleted for itself. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<number>>;
  readonly reactions: readonly z.infer<typeof reactionSchema>[];
  /** By member, up to where it has read. */
  readonly reads: ReadonlyMap<string, number>;
  readonly invites: readonly z.infer<typeof inviteSchema>[];
}

/** Null if it was never founded. */
export function readTables({ storage }: Host): Tables | null {
  const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray();
  if (tables.length === 0) return null;
  const rows = z.array(rowSchema).parse(storage.sql.exec("SELECT * FROM entries ORDER BY seq").toArray());
  const log = rows.map(({ extra, ...row }) => ({ ...row, ...extraSchema.parse(JSON.parse(extra ?? "{}")) }));
  const hidden = new Map<string, Set<number>>();
  const places = storage.sql.exec("SELECT seq, user_id FROM hidden").toArray();
  for (const { seq, user_id } of z.array(hiddenSchema).parse(places))
    hidden.set(user_id, (hidden.get(user_id) ?? new Set()).add(seq));
  const invites = storage.sql.exec("SELECT uses, max_uses FROM invites").toArray();
  const reactions = storage.sql.exec("SELECT seq, user_id, emoji FROM reactions").toArray();
  const members = storage.sql.exec("SELECT user_id, read_seq FROM members").toArray();
  const reads = z.array(memberSchema).parse(members);
  return {
    log,
    hidden,
    reads: new Map(reads.map(({ user_id, read_seq }) => [user_id, read_seq])),
    reactions: z.array(reactionSchema).parse(reactions),
    invites: z.array(inviteSchema).parse(invites),
  };
}
