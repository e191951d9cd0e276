import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../middleware/app-env.ts";

/** The version of the contract, not of the code: docs/protocol.md. */
const PROTOCOL_VERSION = "1.0.0";

/** The document that the mounted routes describe themselves in. */
export function describeApi(app: OpenAPIHono<AppEnv>) {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "UIM",
      version: PROTOCOL_VERSION,
      description:
        "Instant messaging: accounts, conversations, messages. Routes under /api answer under /api/v1 too.",
    },
    servers: [{ url: "/" }],
    tags: [
      "Auth",
      "Users",
      "Friends",
      "Blocks",
      "Conversations",
      "Members",
      "Invitations",
      "Messages",
      "Connecting",
      "Operations",
    ].map((name) => ({ name })),
  });
}

export type ApiDocument = ReturnType<typeof describeApi>;
