import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ERRORS, fieldErrors } from "../../src/protocol/errors.ts";
import { parseClientFrames } from "../../src/protocol/frames/client-frame.ts";
import { CASES, SEED, TIMEOUT_MS } from "./budget.ts";
import { fromZod } from "./from-schema.ts";
import { treeOf, writeJson } from "./json-tree.ts";
import { messagesOf } from "./messages.ts";
import { mutate, mutations } from "./mutations.ts";

const SRC = path.join(import.meta.dirname, "../../src");
const OPTIONS = { max_frame_bytes: 512 * 1024, batch: true };

/** Every schema there is, by where it comes from: a new one is tried without being listed here. */
async function allSchemas(): Promise<Map<string, z.ZodType>> {
  const schemas = new Map<string, z.ZodType>();
  for (const file of fs.readdirSync(path.join(SRC, "protocol"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    for (const [name, value] of Object.entries(await exportsOf(`protocol/${file}`))) {
      if (value instanceof z.ZodType) schemas.set(`protocol/${file} ${name}`, value);
    }
  }
  for (const [name, schema] of await routeSchemas()) schemas.set(name, schema);
  return schemas;
}

const modules = z.record(z.string(), z.unknown());

async function exportsOf(file: string): Promise<Record<string, unknown>> {
  return modules.parse({ ...(await import(path.join(SRC, file))) });
}

const zodType = z.custom<z.ZodType>((value) => value instanceof z.ZodType);
const body = z.object({ content: z.record(z.string(), z.object({ schema: zodType })) });
const routeSchema = z.object({
  method: z.string(),
  path: z.string(),
  request: z.object({ params: zodType, query: zodType, body }).partial().optional(),
});
const appSchema = z.object({
  openAPIRegistry: z.object({
    definitions: z.array(z.object({ type: z.string(), route: z.unknown() })),
  }),
});

/** What the routes check a request against: parameters, query and body of each. */
async function routeSchemas(): Promise<[string, z.ZodType][]> {
  const { createApp } = await exportsOf("routes/index.ts");
  if (typeof createApp !== "function") throw new Error("routes/index.ts has no createApp");
  const { definitions } = appSchema.parse(createApp()).openAPIRegistry;
  return definitions
    .filter(({ type }) => type === "route")
    .map(({ route }) => routeSchema.parse(route))
    .flatMap(({ method, path, request = {} }) => {
      const { params, query, body } = request;
      const bodies = Object.values(body?.content ?? {}).map(({ schema }) => ["body", schema] as const);
      return [["params", params] as const, ["query", query] as const, ...bodies].flatMap(
        ([part, schema]): [string, z.ZodType][] => (schema ? [[`${method} ${path} ${part}`, schema]] : []),
      );
    });
}

const schemas = [...(await allSchemas())];

/** What JSON keeps of a value. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function parseOrNull(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

describe("every schema", () => {
  it("is found", () => {
    const names = schemas.map(([name]) => name).join("\n");
    expect(names).toContain("protocol/frames/message-send.ts messageSendFrameSchema");
    expect(names).toMatch(/^post \/api\/auth\/register body$/m);
    expect(names).toMatch(/^get \/api\/conversations\/\{conversation_id\}\/messages query$/m);
  });

  it.each(schemas)(
    "%s never throws, says where a value does not fit, and takes what it has understood as it stands",
    (_, schema) => {
      fc.assert(
        fc.property(fromZod(schema), mutations, (valid, changes) => {
          const read = parseOrNull(writeJson(mutate(treeOf(valid), changes)));
          if (!read) return;
          const parsed = schema.safeParse(read.value);
          if (parsed.success) {
            expect(asJson(schema.parse(asJson(parsed.data)))).toEqual(asJson(parsed.data));
          } else {
            for (const { message } of fieldErrors(parsed.error)) expect(message).not.toBe("");
          }
        }),
        { numRuns: Math.ceil(CASES / schemas.length), seed: SEED },
      );
    },
    TIMEOUT_MS,
  );
});

describe("client frames", () => {
  it(
    "[SEND-4] are understood or refused by code, and come out of a second reading as they came out of the first",
    () => {
      let understood = 0;
      fc.assert(
        fc.property(messagesOf({}), (text) => {
          for (const parsed of parseClientFrames(text, OPTIONS)) {
            if (parsed.ok) {
              understood++;
              expect(asJson(parseClientFrames(JSON.stringify(parsed.frame), OPTIONS))).toEqual([
                asJson(parsed),
              ]);
            } else {
              const { code, errors, message } = parsed.refusal;
              expect(ERRORS).toHaveProperty(code);
              expect(message).not.toBe("");
              for (const { path } of errors ?? []) expect(path).not.toBe("");
            }
          }
        }),
        { numRuns: CASES, seed: SEED },
      );
      // Otherwise only the refusals were tried.
      expect(understood).toBeGreaterThan(CASES / 4);
    },
    TIMEOUT_MS,
  );
});
