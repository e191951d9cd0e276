import { z } from "zod";

const COUNT = "must be a whole number above 0";

/** A variable that counts something; its text, as the environment has it. */
export const count = z.coerce.number(COUNT).int(COUNT).positive(COUNT);

/**
 * Every limit of docs/protocol.md §6, with its default. Each is a variable of `wrangler.toml` under its upper-case name;
 * counts unless the name gives a unit.
 */
export const limitsSchema = z.object({
  max_message_chars: count.default(100_000),
  max_frame_bytes: count.default(512 * 1024),
  max_group_members: count.default(1_000),
  edit_window_seconds: count.default(86_400),
  messages_per_minute: count.default(100),
  messages_per_hour: count.default(1_000),
  conversations_per_text: count.default(10),
  requests_per_second: count.default(10),
  requests_burst: count.default(40),
  frames_per_second: count.default(100),
  frames_burst: count.default(1_000),
  requests_per_minute_per_ip: count.default(1_000),
  auth_attempts_per_5_minutes: count.default(5),
  connections_per_minute_per_user: count.default(10),
  connections_per_minute_per_ip: count.default(100),
  groups_created_per_hour: count.default(10),
  searches_per_minute: count.default(60),
  sync_push_limit: count.default(200),
  max_devices: count.default(20),
  heartbeat_interval_ms: count.default(30_000),
  heartbeat_timeout_ms: count.default(90_000),
  socket_lifetime_ms: count.default(86_400_000),
  ticket_seconds: count.default(30),
});

export type Limits = z.infer<typeof limitsSchema>;

/** Reads the limits from an environment of upper-case variables. Throws a ZodError that names the bad one. */
export function parseLimits(env: Readonly<Record<string, unknown>>): Limits {
  const named = Object.keys(limitsSchema.shape).map((name) => [name, env[name.toUpperCase()]]);
  return limitsSchema.parse(Object.fromEntries(named.filter(([, value]) => value !== undefined)));
}
