import type { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { html } from "hono/html";
import type { FC } from "hono/jsx";
import type { AppEnv } from "../middleware/app-env.ts";
import { ERRORS } from "../protocol/errors.ts";
import { type ApiDocument, describeApi } from "./openapi.ts";

/** The contract for machines and for people, both from the schemas that check the requests. */
export function docsRoutes(app: OpenAPIHono<AppEnv>) {
  const routes = new Hono<AppEnv>();
  let described: ApiDocument | undefined;
  /** Made when first asked for: by then every route is mounted, and it is the same for everyone. */
  const describe = () => {
    described ??= describeApi(app);
    return described;
  };
  routes.get("/openapi.json", (c) => c.json(describe()));
  routes.get("/docs", async (c) => {
    c.header(
      "Content-Security-Policy",
      `default-src 'none'; style-src '${await hashOf(STYLE)}'; frame-ancestors 'none'`,
    );
    return c.html(html`<!doctype html>${<DocsPage document={describe()} />}`);
  });
  return routes;
}

/** No '<', '>', '&' or quotes: it stands unescaped in the page, and the policy names its hash. */
const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; } h3 { margin-bottom: 0; font-size: 1rem; } p { margin: 0.25rem 0; }
code, pre { font: 0.875rem ui-monospace, monospace; } pre { overflow-x: auto; }
table { border-collapse: collapse; } td, th { padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; }
.method { display: inline-block; min-width: 4rem; text-transform: uppercase; }
`;

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly needsToken: boolean;
  readonly body: string | null;
  readonly answers: readonly string[];
}

const DocsPage: FC<{ document: ApiDocument }> = ({ document }) => {
  const operations = operationsOf(document);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>UIM API</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <h1>UIM API {document.info.version}</h1>
        <p>{document.info.description}</p>
        <p>
          For machines: <a href="/api/openapi.json">openapi.json</a>. Send{" "}
          <code>Authorization: Bearer access_token</code> where a token is asked for. Every error is a{" "}
          <code>Problem</code> with one of the <a href="#errors">codes</a> below.
        </p>
        {document.tags?.map(({ name }) => (
          <section>
            <h2>{name}</h2>
            {operations
              .filter((operation) => operation.tag === name)
              .map((operation) => (
                <OperationEntry operation={operation} />
              ))}
          </section>
        ))}
        <h2 id="errors">Errors</h2>
        <ErrorTable />
        <h2>Schemas</h2>
        {Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => (
          <section>
            <h3 id={`schema-${name}`}>{name}</h3>
            <pre>{JSON.stringify(schema, null, 2)}</pre>
          </section>
        ))}
      </body>
    </html>
  );
};

const OperationEntry: FC<{ operation: Operation }> = ({ operation }) => (
  <article>
    <h3>
      <code>
        <span class="method">{operation.method}</span> {operation.path}
      </code>
    </h3>
    <p>
      {operation.summary}.{operation.needsToken ? " Needs a token." : ""}
      {operation.body === null ? "" : ` Body: ${operation.body}.`} Answers {operation.answers.join(", ")}.
    </p>
  </article>
);

const ErrorTable: FC = () => (
  <table>
    <tr>
      <th>code</th>
      <th>HTTP</th>
      <th>meaning</th>
    </tr>
    {Object.entries(ERRORS).map(([code, { status, title }]) => (
      <tr id={code}>
        <td>
          <code>{code}</code>
        </td>
        <td>{status}</td>
        <td>{title}</td>
      </tr>
    ))}
  </table>
);

function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const { summary = "", tags: [tag = ""] = [], security = [], requestBody, responses = {} } = operation;
      return {
        method,
        path,
        summary,
        tag,
        needsToken: security.length > 0,
        body:
          requestBody && "content" in requestBody
            ? schemaName(requestBody.content["application/json"])
            : null,
        answers: Object.keys(responses).filter((status) => status !== "default"),
      };
    }),
  );
}

/** The name of the schema that a media type refers to, or that it has none. */
function schemaName(media: { schema?: object } | undefined): string {
  const { schema } = media ?? {};
  return schema && "$ref" in schema ? String(schema.$ref).replace(/^.*\//, "") : "JSON";
}
