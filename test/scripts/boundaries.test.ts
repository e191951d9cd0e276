import { describe, expect, it } from "vitest";
import { checkBoundaries } from "../../scripts/lib/boundaries.mjs";
import { importsOf } from "../../scripts/lib/imports.mjs";
import { folderWith } from "./folder.ts";

function problemsOf(files: Record<string, string>): string[] {
  return checkBoundaries(folderWith({ "src/worker.ts": "", "test/x.ts": "", "scripts/x.mjs": "", ...files }));
}

describe("importsOf", () => {
  it("reads every form of import and tells types from values", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      "import {",
      "  type C,",
      "  c,",
      '} from "./c.ts";',
      'export { d } from "./d.ts";',
      'export type { E } from "./e.ts";',
      'export * from "./f.ts";',
      'import "./g.ts";',
      'const h = await import("./h.ts");',
      '// import { i } from "./i.ts";',
      "/**",
      ' * import { j } from "./j.ts";',
      " */",
      'export const k = "not an import";',
    ].join("\n");
    expect(importsOf(source).map(({ specifier, typeOnly, line }) => [specifier, typeOnly, line])).toEqual([
      ["./a.ts", false, 1],
      ["./b.ts", true, 2],
      ["./c.ts", false, 3],
      ["./d.ts", false, 7],
      ["./e.ts", true, 8],
      ["./f.ts", false, 9],
      ["./g.ts", false, 10],
      ["./h.ts", false, 11],
    ]);
  });
});

describe("checkBoundaries", () => {
  it("is content with what the house allows", () => {
    const problems = problemsOf({
      "src/protocol/ids.ts": 'import { z } from "zod";',
      "src/domain/inbox.ts": 'import { id } from "../protocol/ids.ts";\nimport { v7 } from "uuid";',
      "src/objects/runtime/turn.ts": 'import { DurableObject } from "cloudflare:workers";',
      "src/objects/user/user-object.ts": [
        'import type { ConversationRpc } from "../conversation/rpc.ts";',
        'import { turn } from "../runtime/turn.ts";',
      ].join("\n"),
      "src/objects/conversation/rpc.ts": "",
      "src/routes/users.ts": 'import type { UserRpc } from "../objects/user/user-object.ts";',
      "src/worker.ts": 'import { routes } from "./routes/users.ts";',
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ["src/protocol/a.ts", 'import { x } from "../domain/x.ts";', "protocol may not import domain"],
    ["src/protocol/a.ts", 'import { x } from "hono";', "protocol may not import the package hono"],
    [
      "src/domain/a.ts",
      'import type { x } from "../objects/user/x.ts";',
      "domain may not import objects/user",
    ],
    ["src/auth/a.ts", 'import { x } from "../db/x.ts";', "auth may not import db"],
    [
      "src/objects/runtime/a.ts",
      'import type { x } from "../user/x.ts";',
      "objects/runtime may not import objects/user",
    ],
    [
      "src/objects/user/a.ts",
      'import { x } from "../conversation/x.ts";',
      "objects/conversation only as a type",
    ],
    ["src/objects/user/a.ts", 'import { x } from "../../db/x.ts";', "objects/user may not import db"],
    ["src/routes/a.ts", 'import { x } from "../objects/user/x.ts";', "objects/user only as a type"],
    ["src/routes/a.ts", 'import x from "../../package.json";', "lies outside src"],
    ["src/utils/a.ts", 'import { x } from "zod";', "belongs to no area"],
  ])("finds a wrong import in %s: %s", (file, source, problem) => {
    expect(problemsOf({ [file]: source })).toEqual([expect.stringContaining(problem)]);
  });

  it("finds circles, through types too, and files that have grown too long", () => {
    const problems = problemsOf({
      "src/domain/a.ts": 'import { b } from "./b.ts";',
      "src/domain/b.ts": 'import type { a } from "./a.ts";',
      "test/long.test.ts": `${"\n".repeat(400)}x`,
    });
    expect(problems).toEqual([
      "import circle: domain/a.ts → domain/b.ts → domain/a.ts",
      expect.stringContaining("test/long.test.ts  401 lines"),
    ]);
  });

  it("lets the SDK know the protocol and its validator only, and the examples the SDK as a package", () => {
    const problems = problemsOf({
      "src/protocol/ids.ts": "",
      "src/domain/inbox.ts": "",
      "sdk/client.ts": 'import { z } from "zod";\nimport "../src/protocol/ids.ts";\nimport "./errors.ts";',
      "sdk/http/a.ts": 'import "../../src/domain/inbox.ts";\nimport "node:fs";',
      "sdk/examples/bot.mjs": 'import "@uim/client";\nimport "node:readline";',
    });
    expect(problems).toEqual([
      "sdk/http/a.ts:1  sdk may not import domain of src",
      "sdk/http/a.ts:2  sdk may not import the package node:fs",
    ]);
  });

  it("lets the web client know the SDK and the protocol, and the SDK not the web client", () => {
    const problems = problemsOf({
      "src/protocol/ids.ts": "",
      "src/domain/inbox.ts": "",
      "sdk/index.ts": 'import "../web/src/a.tsx";',
      "web/src/a.tsx":
        'import "react";\nimport "./b.ts";\nimport "../../sdk/index.ts";\nimport "../../src/protocol/ids.ts";',
      "web/src/b.ts": 'import "../../src/domain/inbox.ts";\nimport "../../scripts/x.mjs";',
    });
    expect(problems).toEqual([
      "sdk/index.ts:1  sdk may not import web/src/a.tsx",
      "web/src/b.ts:1  web may not import domain of src",
      "web/src/b.ts:2  web may not import scripts/x.mjs",
    ]);
  });

  it("lets the benchmark know the protocol only, and its Workers everything", () => {
    const problems = problemsOf({
      "src/protocol/ids.ts": "",
      "src/domain/inbox.ts": "",
      "bench/client/a.ts": 'import "../../src/protocol/ids.ts";\nimport "../../src/domain/inbox.ts";',
      "bench/worker/b.ts": 'import "../../src/domain/inbox.ts";\nimport "../../src/worker.ts";',
    });
    expect(problems).toEqual(["bench/client/a.ts:2  bench may not import domain of src"]);
  });
});
