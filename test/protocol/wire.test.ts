import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import * as conversation from "../../src/protocol/conversation.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { clientFrameSchema } from "../../src/protocol/frames/client-frame.ts";
import { serverFrameSchema } from "../../src/protocol/frames/server-frame.ts";
import { limitsSchema } from "../../src/protocol/limits.ts";
import * as message from "../../src/protocol/message.ts";
import * as session from "../../src/protocol/session.ts";
import { socketQuerySchema } from "../../src/protocol/socket-query.ts";
import * as user from "../../src/protocol/user.ts";

/** The wire as it was last agreed on: schema → hash of its JSON schema. */
const agreedFile = path.join(import.meta.dirname, "wire.json");
const agreed = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(agreedFile, "utf8")));

/** Every schema that a client meets. */
function wireSchemas(): Record<string, z.ZodType> {
  const named = Object.entries({ ...conversation, ...message, ...session, ...user });
  const schemas = named.flatMap(([name, value]) =>
    value instanceof z.ZodType ? [[name, value] as const] : [],
  );
  return {
    ...Object.fromEntries(schemas),
    clientFrameSchema,
    serverFrameSchema,
    limitsSchema,
    problemSchema,
    socketQuerySchema,
  };
}

function hashOf(schema: z.ZodType, io: "input" | "output"): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return createHash("sha256").update(JSON.stringify(json)).digest("hex").slice(0, 16);
}

it("the wire changes only on purpose: UIM_ACCEPT_WIRE=1 npm test -- test/protocol/wire accepts a change", () => {
  const actual = Object.fromEntries(
    Object.entries(wireSchemas()).flatMap(([name, schema]) => [
      [`${name} in`, hashOf(schema, "input")],
      [`${name} out`, hashOf(schema, "output")],
    ]),
  );
  if (process.env.UIM_ACCEPT_WIRE === "1") {
    writeFileSync(agreedFile, `${JSON.stringify(actual, null, 2)}\n`);
    return;
  }
  expect(Object.keys(actual).length).toBeGreaterThan(50);
  expect(
    actual,
    "a schema of the wire has changed; is docs/protocol.md true, and every old client served?",
  ).toEqual(agreed);
});
