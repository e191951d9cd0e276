import { z } from "zod";
import { request } from "../support/server/client.ts";
import { jsonSchemaSchema } from "./from-schema.ts";

const METHODS = ["get", "put", "post", "delete", "patch"] as const;

const contentSchema = z.record(z.string(), z.object({ schema: jsonSchemaSchema }));

const operationSchema = z.object({
  tags: z.array(z.string()).default([]),
  parameters: z
    .array(
      z.object({
        in: z.string(),
        name: z.string(),
        schema: jsonSchemaSchema,
        required: z.boolean().default(false),
      }),
    )
    .default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
});

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.enum(METHODS), operationSchema.optional())),
  components: z.object({ schemas: z.record(z.string(), jsonSchemaSchema) }),
});

export type ApiDocument = z.infer<typeof documentSchema>;

/** One route, as the server's own document describes it. */
export type Operation = z.infer<typeof operationSchema> & { readonly path: string; readonly method: string };

export async function readApiDocument(
  url: string,
): Promise<{ operations: Operation[]; document: ApiDocument }> {
  const { body } = await request(url, "GET", "/api/v1/openapi.json");
  const document = documentSchema.parse(body);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method): Operation[] => {
      const operation = methods[method];
      return operation ? [{ ...operation, path, method: method.toUpperCase() }] : [];
    }),
  );
  return { operations, document };
}
