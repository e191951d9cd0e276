import { env } from "cloudflare:workers";

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
export type LogLevel = keyof typeof LEVELS;

/** What a line says beside its message. Never a token, a password, an address of mail or the text of a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const threshold = LEVELS[isLogLevel(env.LOG_LEVEL) ? env.LOG_LEVEL : "info"];

/** Writes one line of JSON. Levels under LOG_LEVEL are dropped. */
export function log(level: LogLevel, msg: string, fields: LogFields = {}): void {
  if (LEVELS[level] < threshold) return;
  console[level](JSON.stringify({ level, msg, ...fields }));
}

/** What a log may say of an error: its cause and where it came from, without the values it was working on. */
export function errorFields(error: unknown): LogFields {
  const cause = rootCause(error);
  if (!(cause instanceof Error)) return { error: String(cause) };
  return { error: `${cause.name}: ${cause.message}`, stack: framesOf(cause) };
}

/** Down to the first error: drizzle's wrapper repeats every bound parameter in its message, password hashes included. */
export function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error;
}

/** The stack without its first lines, which repeat the message. */
function framesOf(error: Error): string {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return frames.map((line) => line.trim()).join(" | ");
}

function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === "string" && Object.hasOwn(LEVELS, value);
}
