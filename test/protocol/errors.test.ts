import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { ERRORS, errorCodeSchema, fieldErrors, invalidRequest, refusal } from "../../src/protocol/errors.ts";

describe("error codes", () => {
  it("have a title that says something and leaks nothing", () => {
    for (const code of errorCodeSchema.options) {
      expect(refusal(code)).toEqual({ code, message: ERRORS[code].title });
      expect(ERRORS[code].title).toMatch(/^[A-Z][^{}<>$]{5,80}$/);
    }
  });
});

describe("close codes", () => {
  it("are those of docs/protocol.md", () => {
    const page = fs.readFileSync(path.join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
    const list = page.slice(page.indexOf("Close codes:"), page.indexOf("## 4"));
    const documented = [...list.matchAll(/(?:^|·)\s*(4\d{3}) [a-z]/gm)].map(([, code]) => Number(code));
    expect(documented.toSorted()).toEqual(Object.values(CLOSE).toSorted());
  });
});

describe("field errors", () => {
  const schema = z.object({ payload: z.object({ items: z.array(z.number()) }) });
  const errorOf = (items: readonly unknown[]) => {
    const { error } = schema.safeParse({ payload: { items } });
    if (!error) throw new Error("it fits");
    return error;
  };

  it("name the path to each field that does not fit", () => {
    expect(fieldErrors(errorOf([1, "x"])).map((error) => error.path)).toEqual(["payload.items.1"]);
    expect(fieldErrors(errorOf(["x"]), ["body"]).map((error) => error.path)).toEqual([
      "body.payload.items.0",
    ]);
  });

  it("are at most 20", () => {
    expect(fieldErrors(errorOf(Array.from({ length: 500 }, () => "x")))).toHaveLength(20);
  });

  it("become a refusal that tells the first", () => {
    const errors = [
      { path: "a.b", message: "must be c" },
      { path: "", message: "must be d" },
    ];
    expect(invalidRequest(errors)).toEqual({ code: "invalid_request", message: "a.b: must be c", errors });
    expect(invalidRequest(errors.slice(1)).message).toBe("must be d");
    expect(invalidRequest([]).message).toBe(ERRORS.invalid_request.title);
  });
});
