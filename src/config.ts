import { z } from "zod";
import { MAX_GENERATION } from "./domain/sync-id.ts";
import { count, type Limits, parseLimits } from "./protocol/limits.ts";

/** The generation of the objects' data: see `domain/sync-id.ts`. */
export const generationSchema = z.coerce.number().int().min(0).max(MAX_GENERATION).default(0);

const settingsSchema = z.object({
  MASTER_KEY: z
    .base64({ error: "must be base64 of at least 32 random bytes: `openssl rand -base64 32`" })
    .transform((text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)))
    .refine((bytes) => bytes.length >= 32, "must hold at least 32 bytes: `openssl rand -base64 32`"),
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
  ACCESS_TOKEN_SECONDS: count,
  REFRESH_TOKEN_SECONDS: count,
  SIGNING_KEY_DAYS: count,
  DATA_GENERATION: generationSchema,
  CLIENT_IP_HEADER: z.string().default(""),
  CORS_ORIGINS: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((origin) => origin.trim())
        .filter(Boolean),
    ),
});

/** The variables and secrets of `wrangler.toml`, understood. */
export interface Config {
  readonly master_key: Uint8Array;
  readonly token_issuer: string;
  readonly token_audience: string;
  readonly access_token_seconds: number;
  readonly refresh_token_seconds: number;
  readonly signing_key_days: number;
  readonly client_ip_header: string;
  readonly cors_origins: readonly string[];
  readonly limits: Limits;
}

/** A variable is missing or makes no sense. The message names it; it is for the operator, not for clients. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const cache = new WeakMap<Env, Config>();

/** `parseConfig`, once for each environment. */
export function configOf(env: Env): Config {
  const known = cache.get(env);
  if (known) return known;
  const config = parseConfig({ ...env });
  cache.set(env, config);
  return config;
}

/** Throws a ConfigError that names what is missing or makes no sense. */
export function parseConfig(env: Readonly<Record<string, unknown>>): Config {
  try {
    const settings = settingsSchema.parse(env);
    return {
      master_key: settings.MASTER_KEY,
      token_issuer: settings.TOKEN_ISSUER,
      token_audience: settings.TOKEN_AUDIENCE,
      access_token_seconds: settings.ACCESS_TOKEN_SECONDS,
      refresh_token_seconds: settings.REFRESH_TOKEN_SECONDS,
      signing_key_days: settings.SIGNING_KEY_DAYS,
      client_ip_header: settings.CLIENT_IP_HEADER,
      cors_origins: settings.CORS_ORIGINS,
      limits: parseLimits(env),
    };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const problems = error.issues.map((issue) => `${issue.path.join(".").toUpperCase()} ${issue.message}`);
    throw new ConfigError(`The environment does not fit: ${problems.join("; ")}`);
  }
}
