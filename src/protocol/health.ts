import { z } from "zod";

export const checkResultSchema = z.enum(["ok", "failed"]);

/** Answer to `GET /health/ready`: whether each thing the service stands on answered in time. */
export const readinessSchema = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    checks: z.object({
      d1: checkResultSchema,
      conversation_object: checkResultSchema,
      user_object: checkResultSchema,
      limiter_object: checkResultSchema,
    }),
  })
  .meta({ id: "Readiness" });
export type Readiness = z.infer<typeof readinessSchema>;
