import fc from "fast-check";
import type { ApiDocument, Operation } from "./api-document.ts";
import { fromJsonSchema, type SchemaContext } from "./from-schema.ts";
import { Members, type Tree, treeOf, writeJson } from "./json-tree.ts";
import { type Mutation, mutate, mutations, spoiled } from "./mutations.ts";
import { KNOWN } from "./placeholders.ts";

/** A request as it goes out; `{{…}}` stands for what belongs to whoever sends it. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The route it is meant for. */
  readonly route: string;
}

/** Longer ones are turned away before anything of ours sees them. */
const MAX_SEGMENT_CHARS = 1_000;

/** RFC 6455 §1.3's own example. */
const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** How often a route is tried: those about passwords take 0.1 s each, and end sessions that cost as much to begin. */
const weightOf = ({ tags }: Operation) => (tags.includes("Auth") ? 1 : 20);

/** A request for any route of the document: valid, or mutated, or with a wrong proof of who sends it. */
export function requestsOf(
  operations: readonly Operation[],
  document: ApiDocument,
): fc.Arbitrary<FuzzRequest> {
  const resolve = (ref: string) =>
    document.components.schemas[ref.replace("#/components/schemas/", "")] ?? {};
  const context = { known: KNOWN, resolve };
  return fc.oneof(
    ...operations.map((operation) => ({
      arbitrary: requestOf(operation, context),
      weight: weightOf(operation),
    })),
  );
}

function requestOf(operation: Operation, context: SchemaContext): fc.Arbitrary<FuzzRequest> {
  const { method, path, requestBody } = operation;
  const isSocket = "101" in operation.responses;
  const [bodySchema] = Object.values(requestBody?.content ?? {});
  const body = bodySchema
    ? fc.tuple(fromJsonSchema(bodySchema.schema, context), mutations, spoiled).map(writeBody)
    : fc.constant(null);
  return fc
    .tuple(
      fc.constantFrom("/api", "/api/v1"),
      partsOf(operation, "path", context),
      partsOf(operation, "query", context),
      body,
      proof,
      contentType,
      // Most of what is asked of a socket's route is an upgrade.
      isSocket ? fc.nat(9).map((n) => n > 0) : fc.constant(false),
    )
    .map(([base, params, query, text, authorization, type, isUpgrade]) => ({
      method,
      path: writePath(path.replace("/api", base), params) + writeQuery(query),
      headers: isUpgrade ? HANDSHAKE : { ...authorization, ...(text !== null && type) },
      body: text,
      route: `${method} ${path}`,
    }));
}

function writeBody([valid, changes, spoil]: [
  unknown,
  readonly Mutation[],
  (text: string) => string,
]): string {
  return spoil(writeJson(mutate(treeOf(valid), changes)));
}

/** The parameters of a kind as name and text; one mutated like any JSON, and then written as text. */
function partsOf(
  operation: Operation,
  kind: string,
  context: SchemaContext,
): fc.Arbitrary<[string, string][]> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === kind);
  if (parameters.length === 0) return fc.constant([]);
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  // A wrong id in the path hides everything behind it: most requests keep the right one.
  const changes = fc.oneof(
    { arbitrary: fc.constant([]), weight: kind === "path" ? 4 : 0 },
    { arbitrary: mutations, weight: 1 },
  );
  return fc
    .tuple(fromJsonSchema({ type: "object", properties, required }, context), changes)
    .map(([valid, changes]) => mutate(treeOf(valid), changes))
    .map((tree) =>
      tree instanceof Members ? tree.list.map(([name, part]): [string, string] => [name, asText(part)]) : [],
    );
}

function asText(tree: Tree): string {
  return (typeof tree === "string" ? tree : writeJson(tree)).slice(0, MAX_SEGMENT_CHARS);
}

function writePath(path: string, params: readonly [string, string][]): string {
  const values = new Map(params);
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encode(values.get(name) ?? "%"));
}

function writeQuery(query: readonly [string, string][]): string {
  return query.length === 0
    ? ""
    : `?${query.map(([name, text]) => `${encode(name)}=${encode(text)}`).join("&")}`;
}

/** Half a surrogate pair goes as the bytes that would encode it, which are no UTF-8. */
function encode(text: string): string {
  return text
    .split(/([\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff])/)
    .map((part) => (part.isWellFormed() ? encodeURIComponent(part) : "%ED%A0%80"))
    .join("")
    .replaceAll("%7B%7B", "{{")
    .replaceAll("%7D%7D", "}}");
}

const proof: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { arbitrary: fc.constant({ Authorization: "Bearer {{access_token}}" }), weight: 16 },
  { arbitrary: fc.constant({}), weight: 1 },
  {
    arbitrary: fc
      .constantFrom(
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        "Bearer a.b.c",
        `Bearer ${"x".repeat(5_000)}`,
        "Bearer {{access_token}}x",
        "bearer {{refresh_token}}",
      )
      .map((Authorization) => ({ Authorization })),
    weight: 2,
  },
);

const contentType: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { arbitrary: fc.constant({ "Content-Type": "application/json" }), weight: 20 },
  {
    arbitrary: fc
      .constantFrom(
        "",
        "text/plain",
        "application/json; charset=utf-16",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/vnd.api+json",
      )
      .map((type): Record<string, string> => (type === "" ? {} : { "Content-Type": type })),
    weight: 1,
  },
);
