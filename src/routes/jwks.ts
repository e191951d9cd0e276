import { createRoute, z } from "@hono/zod-openapi";
import { keyRingOf } from "../middleware/key-ring.ts";
import { answer, createRouter, problem } from "./router.ts";

export const jwksRoutes = createRouter();

/** A new key is published an hour before it signs, so a cache of minutes is never behind. */
const MAX_AGE_SECONDS = 300;

const publicJwkSchema = z.object({
  kty: z.string(),
  n: z.string(),
  e: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.string(),
});

const jwksSchema = z
  .object({ keys: z.array(publicJwkSchema) })
  .meta({ id: "JWKS", description: "RFC 7517 §5" });

jwksRoutes.openapi(
  createRoute({
    method: "get",
    path: "/.well-known/jwks.json",
    tags: ["Auth"],
    summary: "The public keys of access tokens",
    responses: { 200: answer(jwksSchema, "JSON Web Key Set"), default: problem },
  }),
  async (c) => {
    const keys = await keyRingOf(c.env).publicKeys(Date.now());
    c.header("Cache-Control", `public, max-age=${MAX_AGE_SECONDS}`);
    return c.json({ keys: keys.map((key) => publicJwkSchema.parse(key)) }, 200);
  },
);
