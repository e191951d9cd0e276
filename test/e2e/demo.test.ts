import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWorkerConfig } from "../../scripts/lib/config.mjs";
import { Device } from "../../scripts/lib/demo/device.mjs";
import { Session } from "../../scripts/lib/demo/session.mjs";
import { findFaults } from "../../scripts/lib/demo/verdict.mjs";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

let server: TestServer;

beforeAll(async () => {
  // The demo has to live within the limits that a deployed server has.
  const { vars } = readWorkerConfig(null);
  const defaults = Object.entries(vars).map(([name, value]) => [name, String(value)]);
  server = await startTestServer({ vars: Object.fromEntries(defaults) });
});

afterAll(() => server.stop());

async function runDemo(url: string): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [path.join(ROOT, "scripts/demo.mjs")], {
    env: { ...process.env, UIM_URL: url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

describe("npm run demo", () => {
  it("passes against a server with the default limits", async () => {
    const { code, output } = await runDemo(server.url);
    expect(output).toContain("none lost, none doubled, none out of order");
    expect(code).toBe(0);
  });

  it("says so when no server is running", async () => {
    const { code, output } = await runDemo("http://127.0.0.1:9");
    expect(output).toContain("No UIM server answers at http://127.0.0.1:9");
    expect(output).toContain("npm start");
    expect(code).toBe(1);
  });
});

describe("its verdict", () => {
  const message = (seq: number) => ({
    seq,
    message_id: `id ${seq}`,
    client_message_id: `client ${seq}`,
    content: `text ${seq}`,
    sender_id: "ada",
    conversation_id: "c",
  });
  const acked = [message(1), message(2), message(3)];

  function device(...entries: [seq: number, message_id: string][]): Device {
    const one = new Device("a device", new Session("", "", { user_id: "ada", username: "ada" }, ""), "c");
    for (const [seq, message_id] of entries) one.entries.set(seq, { message_id, at: 0 });
    return one;
  }

  const whole = () => device([1, "id 1"], [2, "id 2"], [3, "id 3"]);

  it("finds nothing where nothing is wrong", () => {
    expect(findFaults(acked, [whole()], acked)).toEqual([]);
  });

  it.each([
    ["lost on a device", () => findFaults(acked, [device([1, "id 1"], [3, "id 3"])], acked)],
    [
      "out of order on a device",
      () => findFaults(acked, [device([1, "id 2"], [2, "id 1"], [3, "id 3"])], acked),
    ],
    ["never sent, but on a device", () => findFaults(acked, [device([4, "id 4"])], acked)],
    ["lost in the history", () => findFaults(acked, [whole()], acked.slice(1))],
    ["doubled in the history", () => findFaults(acked, [whole()], [...acked, message(3)])],
    [
      "the history says something else",
      () => findFaults(acked, [whole()], [...acked.slice(0, 2), { ...message(3), content: "?" }]),
    ],
    ["the acks leave a hole", () => findFaults([message(1), message(3)], [], [message(1), message(3)])],
  ])("finds what is %s", (what, find) => {
    expect(find().join("\n")).toContain(what);
  });
});
