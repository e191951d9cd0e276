import { createRoute, z } from "@hono/zod-openapi";
import { configOf } from "../config.ts";
import { errorFields, log } from "../observability/log.ts";
import { type Readiness, readinessSchema } from "../protocol/health.ts";
import { answer, createRouter } from "./router.ts";

export const healthRoutes = createRouter();

/** How long one check may take. */
const CHECK_LIMIT_MS = 2_000;
/** The objects that readiness asks; they hold nothing. */
const PROBE = "readiness-probe";

healthRoutes.openapi(
  createRoute({
    method: "get",
    path: "/health",
    tags: ["Operations"],
    summary: "Is the Worker alive?",
    responses: { 200: answer(z.object({ status: z.literal("ok") }), "It is") },
  }),
  (c) => c.json({ status: "ok" as const }, 200),
);

healthRoutes.openapi(
  createRoute({
    method: "get",
    path: "/health/ready",
    tags: ["Operations"],
    summary: "Can it serve? Asks D1 and one object of each class",
    responses: {
      200: answer(readinessSchema, "All checks passed"),
      503: answer(readinessSchema, "A check failed, or took more than 2 s"),
    },
  }),
  async (c) => {
    const { DB, CONVERSATIONS, USERS, LIMITERS } = c.env;
    configOf(c.env);
    const [d1, conversation_object, user_object, limiter_object] = await Promise.all([
      check("d1", () => DB.prepare("SELECT count(*) FROM signing_keys").run()),
      check("conversation_object", () => CONVERSATIONS.getByName(PROBE).ping()),
      check("user_object", () => USERS.getByName(PROBE).ping()),
      check("limiter_object", () => LIMITERS.getByName(PROBE).ping()),
    ]);
    const checks = { d1, conversation_object, user_object, limiter_object };
    const isReady = Object.values(checks).every((result) => result === "ok");
    return isReady
      ? c.json({ status: "ok" as const, checks }, 200)
      : c.json({ status: "unavailable" as const, checks }, 503);
  },
);

async function check(name: string, work: () => PromiseLike<unknown>): Promise<Readiness["checks"]["d1"]> {
  const limit = new AbortController();
  const tooLate = scheduler.wait(CHECK_LIMIT_MS, { signal: limit.signal }).then(
    () => Promise.reject(new Error(`no answer within ${CHECK_LIMIT_MS} ms`)),
    // Cancelled: the check was faster.
    () => undefined,
  );
  try {
    await Promise.race([work(), tooLate]);
    return "ok";
  } catch (error) {
    log("warn", "a readiness check failed", { check: name, ...errorFields(error) });
    return "failed";
  } finally {
    limit.abort();
  }
}
