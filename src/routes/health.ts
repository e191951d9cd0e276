import { createRoute, z } from "@hono/zod-openapi";
import { configOf } from "../config.ts";
import { errorFields, log } from "../observability/log.ts";
import { type Readiness, readinessSchema } from "../protocol/health.ts";
import { answer, createRouter } from "./router.ts";

export const healthRoutes = createRouter();

/** How long one check may take. */
const CHECK_LIMIT_MS = 2_000;
/** How long a result is good for. */
const RESULT_LIFE_MS = 1_000;
const POLL_MS = 10;
/** The objects that readiness asks; they hold nothing. */
const PROBE = "readiness-probe";

/** The last look at everything, since `at`; while it is going on, `readiness` is null. */
interface Look {
  readonly at: number;
  readonly readiness: Readiness | null;
}

/** One look per environment and isolate: anyone may ask, and D1 and the objects are not to feel how often. */
const looks = new WeakMap<Env, Look>();

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
    summary: "Can it serve? Asks D1 and one object of each class, at most once a second",
    responses: {
      200: answer(readinessSchema, "All checks passed"),
      503: answer(readinessSchema, "A check failed, or took more than 2 s"),
    },
  }),
  async (c) => {
    configOf(c.env);
    const readiness = await readinessOf(c.env);
    return c.json(readiness, readiness.status === "ok" ? 200 : 503);
  },
);

/**
 * A look not older than RESULT_LIFE_MS. Who comes while another request looks waits on a timer of its own: a promise of
 * that request would never settle if it is cancelled. Then the look is taken over once its time is up.
 */
async function readinessOf(env: Env): Promise<Readiness> {
  for (;;) {
    const now = Date.now();
    const look = looks.get(env);
    if (look?.readiness && now - look.at < RESULT_LIFE_MS) return look.readiness;
    if (!look || look.readiness || now - look.at > CHECK_LIMIT_MS + RESULT_LIFE_MS) {
      looks.set(env, { at: now, readiness: null });
      const readiness = await lookAtAll(env);
      looks.set(env, { at: Date.now(), readiness });
      return readiness;
    }
    await scheduler.wait(POLL_MS);
  }
}

async function lookAtAll({ DB, CONVERSATIONS, USERS, LIMITERS }: Env): Promise<Readiness> {
  const [d1, conversation_object, user_object, limiter_object] = await Promise.all([
    check("d1", () => DB.prepare("SELECT count(*) FROM signing_keys").run()),
    check("conversation_object", () => CONVERSATIONS.getByName(PROBE).ping()),
    check("user_object", () => USERS.getByName(PROBE).ping()),
    check("limiter_object", () => LIMITERS.getByName(PROBE).ping()),
  ]);
  const checks = { d1, conversation_object, user_object, limiter_object };
  const isReady = Object.values(checks).every((result) => result === "ok");
  return { status: isReady ? "ok" : "unavailable", checks };
}

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
