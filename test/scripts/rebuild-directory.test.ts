import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { rebuildDirectory } from "../../scripts/lib/rebuild-directory.mjs";

/** A server that answers one step after the other as told, and what it was asked. */
async function serverWith(answers: readonly { status: number; body: unknown }[]) {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    asked.push([request.headers.authorization, await json(request)]);
    const answer = answers[asked.length - 1] ?? { status: 500, body: "too many requests" };
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe("npm run rebuild-directory", () => {
  it("goes on step by step until there is no more, and waits where it is told to", async () => {
    const output = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { url, asked, close } = await serverWith([
      { status: 200, body: { conversations: 2, next_cursor: "a" } },
      { status: 429, body: {} },
      { status: 200, body: { conversations: 3, next_cursor: null } },
    ]);
    expect(await rebuildDirectory(url, "token")).toBe(0);
    close();
    expect(asked).toEqual([
      ["Bearer token", {}],
      ["Bearer token", { cursor: "a" }],
      ["Bearer token", { cursor: "a" }],
    ]);
    expect(output).toHaveBeenLastCalledWith("The directory holds 5 conversations as their objects say.");
  });

  it("says what the server said when it is refused, and what is missing", async () => {
    const { url, close } = await serverWith([{ status: 403, body: { code: "forbidden" } }]);
    await expect(rebuildDirectory(url, "token")).rejects.toThrow("403");
    close();
    await expect(rebuildDirectory(url, "")).rejects.toThrow("UIM_TOKEN");
  });
});
