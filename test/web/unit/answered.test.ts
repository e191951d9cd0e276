import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { Answered } from "../../../web/src/ui/answered.tsx";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => null }));

const shown = (data: string | undefined, error: unknown) =>
  renderToString(
    Answered({
      query: { data, error, refetch: () => undefined },
      children: (answer) => `It says ${answer}`,
    }),
  );

it("an answer stays when asking once more does not work, and what went wrong is said where there is none", () => {
  expect(shown("yes", null)).toBe("It says yes");
  expect(shown("yes", new Error("offline"))).toBe("It says yes");
  expect(shown("", new Error("offline"))).toBe("It says ");
  expect(shown(undefined, new Error("offline"))).toContain("Try again");
  expect(shown(undefined, null)).toContain("Loading");
});
