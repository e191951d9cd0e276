import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { z } from "zod";
import { problemSchema } from "../../../src/protocol/errors.ts";
import { signedInSchema } from "../../../src/protocol/session.ts";
import worker from "../../../src/worker.ts";

const ORIGIN = "http://uim.test";

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** An environment of its own, for variables that differ. */
  readonly env?: Env;
}

/** Calls the Worker the way the network would, with `body` as JSON unless it is text. */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (options.token !== undefined) headers.set("Authorization", `Bearer ${options.token}`);
  const { body } = options;
  if (body !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  const request = new Request<unknown, IncomingRequestCfProperties>(new URL(path, ORIGIN), {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const ctx = createExecutionContext();
  const response = await worker.fetch(request, options.env ?? env, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

/** A JSON answer, checked against its schema: an answer that does not fit the contract fails the test. */
export async function read<T extends z.ZodType>(
  response: Response,
  status: number,
  schema: T,
): Promise<z.infer<T>> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`expected ${status}, got ${response.status}: ${text}`);
  return schema.parse(JSON.parse(text));
}

/** The code of a problem answer, with its status: `401 unauthenticated`. */
export async function problemOf(response: Response): Promise<string> {
  const text = await response.text();
  if (response.headers.get("Content-Type") !== "application/problem+json") {
    throw new Error(`expected a problem, got ${response.status}: ${text}`);
  }
  const problem = problemSchema.parse(JSON.parse(text));
  if (problem.status !== response.status)
    throw new Error(`a problem says ${problem.status}, HTTP ${response.status}`);
  return `${problem.status} ${problem.code}`;
}

export const PASSWORD = "otter-lantern-quarry";

let made = 0;

/** Registers a user with a name of its own. */
export async function registerUser(overrides: Record<string, unknown> = {}) {
  const username = `user_${Date.now().toString(36)}_${made++}`;
  const body = { username, email: `${username}@example.org`, password: PASSWORD, ...overrides };
  return read(await call("POST", "/api/auth/register", { body }), 201, signedInSchema);
}

export type SignedIn = Awaited<ReturnType<typeof registerUser>>;
