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

/** What a log may say of an error: it and its causes, and where the first of them arose. */
export function errorFields(error: unknown): LogFields {
  const chain = causesOf(error).filter((link) => !isFailedQuery(link));
  const root = chain.at(-1);
  return {
    error: chain
      .map((link) => (link instanceof Error ? `${link.name}: ${link.message}` : String(link)))
      .join(" <- "),
    ...(root instanceof Error && { stack: framesOf(root) }),
  };
}

/** An error and what it was caused by, outermost first. */
function causesOf(error: unknown): unknown[] {
  return error instanceof Error && error.cause !== undefined ? [error, ...causesOf(error.cause)] : [error];
}

/** Drizzle's wrapper: its message repeats every bound parameter, password hashes included. Its cause says what failed. */
function isFailedQuery(error: unknown): boolean {
  return error instanceof Error && "params" in error && error.cause !== undefined;
}

/** The stack without its first lines, which repeat the message. */
function framesOf(error: Error): string {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return frames.map((line) => line.trim()).join(" | ");
}

function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === "string" && Object.hasOwn(LEVELS, value);
}
