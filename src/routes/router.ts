import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { AppEnv, CallerEnv } from "../middleware/app-env.ts";
import { admit, authenticate } from "../middleware/authenticate.ts";
import { RefusalError } from "../middleware/refusal-error.ts";
import { fieldErrors, invalidRequest, problemSchema, refusal } from "../protocol/errors.ts";

/** A router whose requests are checked against their schemas before a handler sees them. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      if (result.target === "param") throw new RefusalError(refuseParam(result.error));
      throw new RefusalError(invalidRequest(fieldErrors(result.error)));
    },
  });
}

/** An id that cannot be one is simply not there; whether others exist is not told apart (SEC-2). */
function refuseParam(error: z.core.$ZodError) {
  const names = error.issues.map((issue) => issue.path[0]);
  return refusal(names.includes("conversation_id") ? "conversation_not_found" : "not_found");
}

const bearer = [{ bearer: [] }];
type CallerMiddleware = MiddlewareHandler<CallerEnv>;

/** For routes of a signed-in user whose session still lives and is within its limits. */
export const signedIn: { security: typeof bearer; middleware: [CallerMiddleware, CallerMiddleware] } = {
  security: bearer,
  middleware: [authenticate, admit],
};

/** For routes that end in a method of the user's object which asks for session and limits itself: once is enough. */
export const identified: { security: typeof bearer; middleware: [CallerMiddleware] } = {
  security: bearer,
  middleware: [authenticate],
};

/** A JSON answer, for a route's `responses`. */
export function answer<T extends z.ZodType>(schema: T, description: string) {
  return { content: { "application/json": { schema } }, description };
}

/** A JSON body, for a route's `request`. */
export function body<T extends z.ZodType>(schema: T) {
  return { content: { "application/json": { schema } }, required: true };
}

/** What every route may answer instead. */
export const problem = {
  content: { "application/problem+json": { schema: problemSchema } },
  description: "A problem; `code` says which",
};
