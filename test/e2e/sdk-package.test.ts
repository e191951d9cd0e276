import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../scripts/lib/process.mjs";
import { installSdk } from "../support/sdk/install.ts";
import { Program } from "../support/sdk/program.ts";
import { newUser, PASSWORD, shows, until } from "../support/sdk/sdk-client.ts";
import { uniqueName } from "../support/server/client.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const SDK = path.resolve(import.meta.dirname, "../../sdk");

let server: TestServer;
let project: string;

beforeAll(async () => {
  server = await startTestServer();
  project = await installSdk(["ws", "fake-indexeddb", "@types"]);
}, 120_000);
afterAll(async () => {
  await server.stop();
  rmSync(project, { recursive: true, force: true });
});

/** The machine's own Node, which may be older than the project's; the project's if there is none. */
function plainNode(): string {
  const folders = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => path.join(folder, "node")).find((file) => existsSync(file));
  if (!found) return process.execPath;
  const [major = 0] = execFileSync(found, ["-p", "process.versions.node"], { encoding: "utf8" })
    .split(".")
    .map(Number);
  return major >= 20 ? found : process.execPath;
}

function write(name: string, text: string): void {
  writeFileSync(path.join(project, name), text);
}

describe("the package", () => {
  it("works outside of the repository, under the machine's own Node, with the socket of `ws`", async () => {
    write(
      "hello.mjs",
      [
        'import WebSocket from "ws";',
        'import { UimClient, UimError } from "@uim/client";',
        "const client = new UimClient({ url: process.env.UIM, WebSocket });",
        `const username = "${uniqueName()}";`,
        `await client.register({ username, email: username + "@example.org", password: "${PASSWORD}" });`,
        "await client.connect();",
        "const error = await client.api.user(client.device_id).catch((reason) => reason);",
        "console.log(error instanceof UimError, error.code, client.connection.getSnapshot().isSynced);",
        "client.disconnect();",
      ].join("\n"),
    );
    const program = new Program(["hello.mjs"], project, { UIM: server.url }, plainNode());
    await program.says("true not_found true");
    expect(await program.ended).toBe(0);
  });

  it("needs the validator that it is tested with, and nothing else", () => {
    const read = (file: string) => JSON.parse(readFileSync(path.join(SDK, file), "utf8")).dependencies;
    expect(read("package.json")).toEqual({ zod: read("../package.json").zod });
  });

  it("brings types that a strict project can use", async () => {
    write(
      "typed.ts",
      [
        'import { type ShownMessage, UimClient, UimError } from "@uim/client";',
        'const client = new UimClient({ url: "http://localhost" });',
        "export async function last(id: string): Promise<ShownMessage | undefined> {",
        "  const { acknowledged } = client.conversation(id).send('hi', { reply_to_seq: 1 });",
        "  const seq: number = (await acknowledged).seq;",
        "  client.on('message', ({ content }) => content.slice(seq));",
        "  if (new Error() instanceof UimError) return undefined;",
        "  // @ts-expect-error there is no such event",
        "  client.on('nothing', () => undefined);",
        "  return client.conversation(id).getSnapshot().messages.at(-1);",
        "}",
      ].join("\n"),
    );
    const compilerOptions = {
      noEmit: true,
      strict: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
    };
    write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    expect(await capture("tsc", ["-p", project])).toEqual({ code: 0, output: "" });
  });
});

describe("the examples", () => {
  it("the echo bot answers, and the terminal chats", async () => {
    cpSync(path.join(SDK, "examples"), path.join(project, "examples"), { recursive: true });
    const bot = await newUser(server.url);
    bot.client.disconnect();
    const env = { UIM: server.url, BOT_NAME: bot.username, BOT_PASSWORD: PASSWORD };
    const echo = new Program(["examples/echo-bot.mjs"], project, env);
    await echo.says("is listening");
    const terminal = new Program(
      ["examples/terminal.mjs", uniqueName(), PASSWORD, "--register"],
      project,
      env,
    );
    await terminal.says("Signed in");
    terminal.type(`/with ${bot.username}`);
    terminal.type("Hello from the terminal");
    await terminal.says("you: Hello from the terminal ✓");
    await terminal.says("You said: Hello from the terminal");
    terminal.type("/list");
    await terminal.says(`1. ${bot.username}`);
    terminal.type("/quit");
    expect(await terminal.ended, terminal.output).toBe(0);
    await echo.stop();
  });
});

describe("the README", () => {
  const readme = readFileSync(path.join(SDK, "README.md"), "utf8");
  const blocks = new Map(
    [...readme.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```/gms)].map(([, name = "", text = ""]) => [name, text]),
  );

  it("has no block of code that is not run here", () => {
    expect([...blocks.keys()]).toEqual(["bot.mjs", "chat.mjs", "app.mjs", "stay-signed-in.mjs"]);
    expect(readme.match(/^```(?:js|ts|jsx|tsx)/gm)).toHaveLength(blocks.size);
  });

  it("the bot is ten lines, and answers also what was said while it was away", async () => {
    const lines = (blocks.get("bot.mjs") ?? "").split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeLessThanOrEqual(10);
    write("bot.mjs", blocks.get("bot.mjs") ?? "");
    const [account, ada] = await Promise.all([newUser(server.url), newUser(server.url)]);
    account.client.disconnect();
    const env = { UIM: server.url, BOT_NAME: account.username, BOT_PASSWORD: PASSWORD };
    const chat = await ada.client.conversationWith(account.user_id);
    const bot = new Program(["bot.mjs"], project, env);
    await bot.says("listening");
    await chat.send("hello").acknowledged;
    await shows(chat, ["hello", "You said: hello"]);
    // What it has received is acknowledged a moment later; otherwise it would answer once more.
    await until(chat, ({ messages: [first] }) => first?.status === "delivered");
    await bot.stop();
    await chat.send("are you there?").acknowledged;
    const again = new Program(["bot.mjs"], project, env);
    await shows(chat, ["hello", "You said: hello", "are you there?", "You said: are you there?"]);
    await again.stop();
    ada.client.disconnect();
  });

  it("the chat shows a message on its way", async () => {
    write("chat.mjs", blocks.get("chat.mjs") ?? "");
    const chat = new Program(["chat.mjs"], project, { UIM: server.url });
    expect(await chat.ended, chat.output).toBe(0);
    const said = ["pending", "sent", "read"].map((status) => chat.output.indexOf(`Hello Bob: ${status}`));
    expect(said.every((place, index) => place > (said[index - 1] ?? -1))).toBe(true);
    expect(chat.output).toContain("stored as entry 1");
  });

  it("the app of a browser signs in, and shows its inbox", async () => {
    const ada = await newUser(server.url);
    await ada.client.createGroup("Friends", [
      (await newUser(server.url)).user_id,
      (await newUser(server.url)).user_id,
    ]);
    // What a browser has and the page around it would do.
    write(
      "browser.mjs",
      [
        'import "fake-indexeddb/auto";',
        "globalThis.location = new URL(process.env.UIM);",
        "globalThis.askForPassword = () => ({ username: process.env.BOT_NAME, password: process.env.BOT_PASSWORD });",
        "globalThis.render = ({ rows }) => console.log('rows:', rows.map(({ name }) => name).join());",
        "globalThis.showError = (error) => console.log(error);",
      ].join("\n"),
    );
    write("app.mjs", blocks.get("app.mjs") ?? "");
    const env = { UIM: server.url, BOT_NAME: ada.username, BOT_PASSWORD: PASSWORD };
    const app = new Program(["--import", "./browser.mjs", "app.mjs"], project, env);
    await app.says("rows: Friends");
    await app.stop();
    ada.client.disconnect();
  });

  it("whoever keeps the tokens stays signed in", async () => {
    write("stay-signed-in.mjs", blocks.get("stay-signed-in.mjs") ?? "");
    const { client, username } = await newUser(server.url);
    client.disconnect();
    const env = { UIM: server.url, BOT_NAME: username, BOT_PASSWORD: PASSWORD };
    const said = [];
    for (const _ of ["first", "second"]) {
      const program = new Program(["stay-signed-in.mjs"], project, env);
      expect(await program.ended).toBe(0);
      said.push(program.output.trim());
    }
    expect(said).toEqual(["signed in", "signed in still"]);
  });
});
