import { execFile, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const root = path.join(import.meta.dirname, "../..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const folder = mkdtempSync(path.join(tmpdir(), "uim readme "));
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** The only block of the README in this language. */
function block(language: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))];
  expect(blocks).toHaveLength(1);
  return blocks[0]?.[1] ?? "";
}

/** The machine's curl, or for one that has none a stand-in that knows the flags the README uses. */
function pathWithCurl(): string {
  const standIn = path.join(folder, "curl");
  cpSync(path.join(import.meta.dirname, "../support/server/curl.mjs"), standIn);
  chmodSync(standIn, 0o755);
  return [path.dirname(process.execPath), process.env.PATH, folder].join(path.delimiter);
}

it("the README's lines for curl and its listener do what it says", async () => {
  const script = `${block("sh")}\necho\necho "BOB_TOKEN=$BOB_TOKEN"\n`;
  const env = { ...process.env, PATH: pathWithCurl(), UIM: server.url };
  const { stdout } = await promisify(execFile)("sh", ["-euc", script], { env });
  expect(stdout.match(/Hello Bob/g)).toHaveLength(2);
  const token = /BOB_TOKEN=(\S+)/.exec(stdout)?.[1] ?? "";

  const listener = path.join(folder, "listen.mjs");
  writeFileSync(listener, block("js"));
  const child = spawn(process.execPath, [listener], { env: { ...env, TOKEN: token } });
  const heard = await new Promise<string>((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += String(chunk);
      if (text.includes("\n")) resolve(text);
    });
    child.on("exit", () => resolve(text));
  });
  child.kill();
  expect(heard.trim()).toBe("1: Hello Bob");
});
