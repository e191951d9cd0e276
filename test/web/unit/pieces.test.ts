import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { piecesOf, safeHref } from "../../../web/src/conversation/pieces.ts";

const NOBODY = new Map<string, string>();
const linksIn = (content: string) =>
  piecesOf(content, NOBODY).flatMap((piece) => (piece.kind === "link" ? [piece.text] : []));

describe("a text in pieces", () => {
  it("loses nothing and adds nothing, whatever the text", () => {
    const words = fc.constantFrom(
      "https://",
      "www.",
      "example.org",
      "/a(b)",
      ").",
      "@ada",
      " ",
      "javascript:",
      "<b>",
      "你好",
      "👍",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), (parts) => {
        const content = parts.join("");
        const pieces = piecesOf(content, new Map([["ada", "u1"]]));
        expect(pieces.map(({ text }) => text).join("")).toBe(content);
        for (const piece of pieces) if (piece.kind === "link") expect(piece.href).toMatch(/^https?:\/\//);
      }),
    );
  });

  it("ends a link before what ends the sentence, and keeps brackets that belong to it", () => {
    expect(linksIn("See https://example.org/a?b=c.")).toEqual(["https://example.org/a?b=c"]);
    expect(linksIn("(see www.example.org)")).toEqual(["www.example.org"]);
    expect(linksIn("https://en.example.org/wiki/Set_(logic), too")).toEqual([
      "https://en.example.org/wiki/Set_(logic)",
    ]);
    expect(linksIn("看 https://example.org/路径。")).toEqual(["https://example.org/路径"]);
  });

  it("makes links of nothing but the web", () => {
    for (const bad of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "https://bank.example@evil.example/",
      "http://localhost",
    ]) {
      expect(safeHref(bad)).toBeNull();
    }
    expect(safeHref("https://example.org")).toBe("https://example.org/");
  });

  it("finds a name where words are not parted by spaces, as the server does", () => {
    expect(piecesOf("你好@ada，早", new Map([["ada", "u1"]]))).toEqual([
      { kind: "text", text: "你好" },
      { kind: "mention", text: "@ada", user_id: "u1" },
      { kind: "text", text: "，早" },
    ]);
  });

  it("names only those whom the message names", () => {
    const pieces = piecesOf("@ada and @bob, mail x@ada.example", new Map([["ada", "u1"]]));
    expect(pieces.filter(({ kind }) => kind === "mention")).toEqual([
      { kind: "mention", text: "@ada", user_id: "u1" },
    ]);
  });
});
