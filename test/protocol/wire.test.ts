import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { clientFrameSchema } from "../../src/protocol/frames/client-frame.ts";
import { serverFrameSchema } from "../../src/protocol/frames/server-frame.ts";
import { pageSchema } from "../../src/protocol/page.ts";

/** The wire as it was last agreed on: schema → hash of its JSON schema. */
const AGREED_FILE = path.join(import.meta.dirname, "wire.json");
const PROTOCOL = path.join(import.meta.dirname, "../../src/protocol");
const ACCEPT = "UIM_ACCEPT_WIRE=1 npm test -- test/protocol/wire";

/** Beside the queries, what clients write: of these the input counts, of all others what the server says. */
const REQUESTS = [
  "AddMembers",
  "CreateConversation",
  "CreateGroup",
  "Device",
  "ForwardRequest",
  "FriendRequest",
  "GroupUpdate",
  "InboxSettings",
  "InviteRequest",
  "LoginRequest",
  "MessageDraft",
  "MessageEdit",
  "MessageReadRequest",
  "PasswordChange",
  "PrivacyUpdate",
  "ProfileUpdate",
  "ReadRequest",
  "RebuildRequest",
  "RefreshRequest",
  "RegisterRequest",
  "RoleChange",
  "UserLookup",
];

function hashOf(schema: z.ZodType, io: "input" | "output"): string {
  const json = z.toJSONSchema(schema, {
    io,
    // Of `metadata`, which is checked by hand, the schema that stands beside the check.
    unrepresentable: "any",
    // What is only said about a field is no part of the wire.
    override: ({ jsonSchema }) => {
      delete jsonSchema.description;
    },
  });
  return createHash("sha256").update(JSON.stringify(json)).digest("hex").slice(0, 16);
}

/** The bodies and queries of the protocol: every exported schema that has a name of its own, so that none is forgotten. */
async function restHashes(): Promise<[string, string][]> {
  const files = fs.readdirSync(PROTOCOL).filter((file) => file.endsWith(".ts"));
  const modules = await Promise.all(
    files.map((file): Promise<Record<string, unknown>> => import(path.join(PROTOCOL, file))),
  );
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, schema]): [string, string][] => {
      if (!(schema instanceof z.ZodType)) return [];
      const id = schema.meta()?.id;
      const isQuery = name.endsWith("QuerySchema");
      if (isQuery || (id !== undefined && REQUESTS.includes(id))) {
        return [[`request ${id ?? name}`, hashOf(schema, "input")]];
      }
      const isNamed = id !== undefined || ["accessClaimsSchema", "limitsSchema"].includes(name);
      return isNamed ? [[`answer ${id ?? name}`, hashOf(schema, "output")]] : [];
    }),
  );
}

function frameHashes(): [string, string][] {
  const typeOf = (frame: { shape: { type: z.ZodLiteral<string> } }) => frame.shape.type.value;
  return [
    ...clientFrameSchema.options.map((frame): [string, string] => [
      `frame from client ${typeOf(frame)}`,
      hashOf(frame, "input"),
    ]),
    ...serverFrameSchema.options.map((frame): [string, string] => [
      `frame from server ${typeOf(frame)}`,
      hashOf(frame, "output"),
    ]),
  ];
}

it("the wire changes only on purpose", async () => {
  const wire = [
    ...(await restHashes()),
    ...frameHashes(),
    ["answer page", hashOf(pageSchema(z.null()), "output")],
  ];
  const actual: Record<string, string> = Object.fromEntries(wire.toSorted());
  expect(Object.keys(actual)).toHaveLength(wire.length);
  if (process.env.UIM_ACCEPT_WIRE === "1")
    fs.writeFileSync(AGREED_FILE, `${JSON.stringify(actual, null, 2)}\n`);
  const agreed = z.record(z.string(), z.string()).parse(JSON.parse(fs.readFileSync(AGREED_FILE, "utf8")));
  const changed = [...new Set([...Object.keys(agreed), ...Object.keys(actual)])].filter(
    (name) => actual[name] !== agreed[name],
  );
  const advice = `If that is meant, docs/protocol.md says so and old clients live with it, accept it: ${ACCEPT}`;
  expect(changed, `These schemas of the wire have changed: ${changed.join(", ")}. ${advice}`).toEqual([]);
});
