import fc from "fast-check";
import { z } from "zod";

/** As much of JSON Schema as the protocol's schemas use. */
export interface JsonSchema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
  readonly allOf?: readonly JsonSchema[] | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly pattern?: string | undefined;
  readonly format?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
}

export const jsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(jsonSchemaSchema).optional(),
    oneOf: z.array(jsonSchemaSchema).optional(),
    allOf: z.array(jsonSchemaSchema).optional(),
    properties: z.record(z.string(), jsonSchemaSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchemaSchema.optional(),
    pattern: z.string().optional(),
    format: z.string().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
  }),
);

/** Arbitraries for fields by name, where a value from the schema alone would name nothing that exists. */
export type Known = Readonly<Record<string, fc.Arbitrary<unknown>>>;

export interface SchemaContext {
  readonly known: Known;
  /** What a `$ref` points at. */
  readonly resolve: (ref: string) => JsonSchema;
}

/** Longer texts and lists are for the mutations to bring. */
const MAX_CHARS = 60;
const MAX_ITEMS = 4;

/** Values that fit the schema, or nearly: a rule that JSON Schema does not show may refuse one. */
export function fromJsonSchema(schema: JsonSchema, context: SchemaContext): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return fromJsonSchema(context.resolve(schema.$ref), context);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => fromJsonSchema(choice, context)));
  if (schema.allOf) return fromJsonSchema(Object.assign({}, ...schema.allOf), context);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["any"]);
  return fc.oneof(...types.map((type) => ofType(type, schema, context)));
}

function ofType(type: string, schema: JsonSchema, context: SchemaContext): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return numberOf(schema);
    case "array":
      return fc.array(fromJsonSchema(schema.items ?? {}, context), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? MAX_ITEMS, MAX_ITEMS),
      });
    case "object":
      return objectOf(schema, context);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = MAX_CHARS }: JsonSchema): fc.Arbitrary<string> {
  if (format === "uri") return fc.webUrl({ validSchemes: ["https"] });
  if (format === "email") return fc.emailAddress();
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const limits = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, MAX_CHARS)) };
  return fc.oneof(fc.string(limits), fc.string({ ...limits, unit: "grapheme" }));
}

function numberOf({ minimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -1_000, Number.MIN_SAFE_INTEGER);
  const max = Math.min(maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min, max: Math.min(max, min + 100) }),
    fc.maxSafeInteger().map((n) => clamp(n, min, max)),
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function objectOf({ properties, required = [] }: JsonSchema, context: SchemaContext): fc.Arbitrary<unknown> {
  if (!properties)
    return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 });
  const members = Object.entries(properties).map(([name, member]) => {
    const generated = fromJsonSchema(member, context);
    const known = context.known[name];
    return [name, known ? fc.oneof({ arbitrary: known, weight: 9 }, generated) : generated] as const;
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
}

/** Values for a Zod schema, as its client would send them. */
export function fromZod(schema: z.ZodType, known: Known = {}): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  const root = jsonSchemaSchema.parse(json);
  const definitions = z.record(z.string(), jsonSchemaSchema).parse(json.$defs ?? {});
  const resolve = (ref: string) => definitions[ref.replace("#/$defs/", "")] ?? {};
  return fromJsonSchema(root, { known, resolve });
}
