import "fake-indexeddb/auto";
import { useQueryClient } from "@tanstack/react-query";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { WebSession } from "../../../web/src/session/session.ts";
import { SignedInProvider } from "../../../web/src/shell/context.tsx";

const KEY = ["me"];
const found: unknown[] = [];

function Screen() {
  const queries = useQueryClient();
  found.push(queries.getQueryData(KEY));
  queries.setQueryData(KEY, "an account");
  return null;
}

it("whoever signs in begins with no answers of whoever was signed in before", () => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("addEventListener", () => undefined);
  const session = new WebSession("https://uim.example.org");
  for (const user_id of ["ada", "bob"]) {
    const props = { session, user_id, children: createElement(Screen) };
    renderToString(createElement(SignedInProvider, props));
  }
  expect(found).toEqual([undefined, undefined]);
});
