import { expect } from "vitest";
import { z } from "zod";
import { ERRORS, problemSchema } from "../../src/protocol/errors.ts";
import type { Answer } from "../support/server/client.ts";
import type { ApiDocument, Operation } from "./api-document.ts";

/** What no answer may show: SQL, a stack, a path of the source. */
const INNARDS = /sqlite|d1_error|\.[jt]s:\d|node_modules|at async/i;

/** What the document promises to answer with, by route and status. */
export class Promised {
  /** Null for an answer without a body. */
  readonly #schemas = new Map<string, z.ZodType | null>();

  constructor(operations: readonly Operation[], { components }: ApiDocument) {
    for (const { method, path, responses } of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        const schema = content?.["application/json"]?.schema;
        if (!schema) {
          this.#schemas.set(`${method} ${path} ${status}`, null);
          continue;
        }
        const text = JSON.stringify({ ...schema, $defs: components.schemas });
        this.#schemas.set(
          `${method} ${path} ${status}`,
          schemaOf(text.replaceAll("#/components/schemas/", "#/$defs/")),
        );
      }
    }
  }

  /** Throws if an answer is not one that the document, and the table of errors, allow. */
  check(route: string, { status, headers, body }: Answer): void {
    expect(status).toBeLessThan(500);
    if (status < 400) {
      const schema = this.#schemas.get(`${route} ${status}`);
      if (schema === undefined) throw new Error(`${route}: the document does not know the status ${status}`);
      schema?.parse(body);
      return;
    }
    expect(headers.get("content-type")).toBe("application/problem+json");
    const problem = problemSchema.parse(body);
    expect(problem.status).toBe(status);
    expect(ERRORS[problem.code].status).toBe(status);
    expect(headers.get("x-request-id")).toBe(problem.request_id);
    expect(JSON.stringify(problem)).not.toMatch(INNARDS);
  }
}

function schemaOf(text: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(text));
}
