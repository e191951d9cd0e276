import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { login, register } from "../support/server/client.ts";
import { makeDataFolder, startTestServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/server/test-socket.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** `npm start` as a person runs it, without npm. */
class StartCommand {
  output = "";
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(args: string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [path.join(ROOT, "scripts/start.mjs"), ...args], {
      // The suite's own key is not that of a person who has none yet.
      env: { ...process.env, MASTER_KEY: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (text) => {
        this.output += text;
      });
    }
    this.exited = once(this.process, "exit").then(([code]) => code);
    started.push(this);
  }

  /** The address it prints once it is ready. */
  async address(): Promise<string> {
    for (;;) {
      const url = /Open\s+(http:\S+)/.exec(this.output)?.[1];
      if (url) return url;
      if (this.process.exitCode !== null) throw new Error(`it ended before it was ready:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const started: StartCommand[] = [];
const servers: TestServer[] = [];
const folders: string[] = [];

async function serve(options?: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(options);
  servers.push(server);
  return server;
}

function dataFolder(): string {
  const folder = makeDataFolder();
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const command of started.splice(0)) command.process.kill("SIGKILL");
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function health(url: string): Promise<number> {
  return (await fetch(`${url}/health`)).status;
}

/** True once nothing answers at the address any more. */
async function isGone(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await health(url);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function isWorkerd(pid: string): boolean {
  return fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "workerd";
}

describe("npm start", () => {
  it("starts on a fresh folder with spaces in its path, says where, and stops on SIGTERM", async () => {
    const dataDir = path.join(dataFolder(), "made here");
    const command = new StartCommand(["--port", "0", "--data", dataDir]);
    const url = await command.address();
    expect(await health(url)).toBe(200);
    expect(command.output).toContain(`${url}/api/v1/docs`);
    expect(command.output).toContain("npm run demo");
    expect(fs.statSync(path.join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
    command.process.kill("SIGTERM");
    expect(await command.exited).toBe(0);
    expect(fs.existsSync(path.join(dataDir, "lock.json"))).toBe(false);
  });

  it("takes port and folder from the environment", async () => {
    const dataDir = dataFolder();
    const command = new StartCommand([], { PORT: "0", UIM_DATA_DIR: dataDir });
    expect(await health(await command.address())).toBe(200);
    expect(fs.existsSync(path.join(dataDir, "state"))).toBe(true);
  });

  it("says so when the port is taken", async () => {
    const other = net.createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as net.AddressInfo;
    const command = new StartCommand(["--port", String(port), "--data", dataFolder()]);
    expect(await command.exited).toBe(1);
    expect(command.output).toContain(`Port ${port} on 127.0.0.1 is taken`);
    other.close();
  });

  it("refuses a data folder that another server uses", async () => {
    const server = await serve();
    const command = new StartCommand(["--port", "0", "--data", server.dataDir]);
    expect(await command.exited).toBe(1);
    expect(command.output).toContain("is in use by the UIM process");
  });

  it("takes over a folder whose server was killed", async () => {
    const dataDir = dataFolder();
    const first = new StartCommand(["--port", "0", "--data", dataDir]);
    await first.address();
    first.process.kill("SIGKILL");
    await first.exited;
    expect(fs.existsSync(path.join(dataDir, "lock.json"))).toBe(true);
    const second = new StartCommand(["--port", "0", "--data", dataDir]);
    expect(await health(await second.address())).toBe(200);
  });

  it("leaves no server behind when it is killed itself", async () => {
    const command = new StartCommand(["--port", "0", "--data", dataFolder()]);
    const url = await command.address();
    command.process.kill("SIGKILL");
    expect(await isGone(url)).toBe(true);
  });

  it("ends with an error when the server dies", async () => {
    const command = new StartCommand(["--port", "0", "--data", dataFolder()]);
    await command.address();
    const [workerd] = fs
      .readFileSync(`/proc/${command.process.pid}/task/${command.process.pid}/children`, "utf8")
      .split(" ");
    process.kill(Number(workerd), "SIGKILL");
    expect(await command.exited).toBe(1);
    expect(command.output).toContain("The server has ended by itself (SIGKILL)");
  });

  it("serves on when nobody reads its output any more", async () => {
    const command = new StartCommand(["--port", "0", "--data", dataFolder()]);
    const url = await command.address();
    command.process.stdout?.destroy();
    command.process.stderr?.destroy();
    // Each request is a line of the log.
    for (let request = 0; request < 20; request++)
      expect((await fetch(`${url}/api/users/me`)).status).toBe(401);
    command.process.kill("SIGTERM");
    expect(await command.exited).toBe(0);
  });

  it("keeps everything that it stores for its owner's eyes only", async () => {
    const dataDir = path.join(dataFolder(), "data");
    const command = new StartCommand(["--port", "0", "--data", dataDir]);
    await register(await command.address());
    const files = fs.readdirSync(dataDir, { recursive: true, encoding: "utf8" });
    // The server goes on: a journal may be gone by now.
    const modeOf = (file: string) =>
      fs.statSync(path.join(dataDir, file), { throwIfNoEntry: false })?.mode ?? 0;
    const open = files.filter((file) => (modeOf(file) & 0o077) !== 0);
    expect(files.length).toBeGreaterThan(10);
    // It holds no secret, and tells whoever else may look into the folder that it is in use.
    expect(open).toEqual(["lock.json"]);
    expect(fs.statSync(dataDir).mode & 0o077).toBe(0);
  });

  it("refuses a folder that a newer version has served, and one it cannot write to", async () => {
    const newer = dataFolder();
    fs.writeFileSync(path.join(newer, "version.json"), '{"version":"99.1.0"}');
    const tooOld = new StartCommand(["--port", "0", "--data", newer]);
    expect(await tooOld.exited).toBe(1);
    expect(tooOld.output).toContain("was written by UIM 99.1.0; this is");
    expect(fs.readdirSync(newer)).toEqual(["version.json"]);
    const noFolder = new StartCommand(["--port", "0", "--data", path.join(newer, "version.json")]);
    expect(await noFolder.exited).toBe(1);
    expect(noFolder.output).toMatch(/^The data folder \S.* cannot be written to: /m);
  });

  it("serves what npm run build made, as long as the sources are no newer", async () => {
    const build = spawnSync(process.execPath, [path.join(ROOT, "scripts/build.mjs")], { encoding: "utf8" });
    const file = path.join(ROOT, /Built: (\S+\.js)\./.exec(build.stdout)?.[1] ?? build.stderr);
    const current = new StartCommand(["--port", "0", "--built", "--data", dataFolder()]);
    expect(await health(await current.address())).toBe(200);
    fs.utimesSync(file, new Date(0), new Date(0));
    const stale = new StartCommand(["--port", "0", "--built", "--data", dataFolder()]);
    expect(await stale.exited).toBe(1);
    expect(stale.output).toMatch(/has changed since \S+ was built\. Build again: npm run build/);
    fs.rmSync(file);
    const missing = new StartCommand(["--port", "0", "--built", "--data", dataFolder()]);
    expect(await missing.exited).toBe(1);
    expect(missing.output).toContain("Make it with: npm run build");
  });

  it("leaves a folder to the version that has served it when it cannot start", async () => {
    const dataDir = dataFolder();
    const older = '{"version":"0.0.9"}';
    fs.writeFileSync(path.join(dataDir, "version.json"), older);
    const misfit = new StartCommand(["--port", "0", "--data", dataDir], { MAX_DEVICES: "abc" });
    expect(await misfit.exited).toBe(1);
    expect(misfit.output).toContain("MAX_DEVICES must be a whole number above 0");
    fs.writeFileSync(path.join(dataDir, "generation.json"), "{");
    const damaged = new StartCommand(["--port", "0", "--data", dataDir]);
    expect(await damaged.exited).toBe(1);
    expect(damaged.output).toContain("generation.json is damaged");
    expect(fs.readFileSync(path.join(dataDir, "version.json"), "utf8")).toBe(older);
    expect(fs.existsSync(path.join(dataDir, "state"))).toBe(false);
  });

  it("explains a port that is none and an environment that wrangler.toml does not have", async () => {
    const badPort = new StartCommand(["--port", "eighty"]);
    expect(await badPort.exited).toBe(1);
    expect(badPort.output).toContain("The port must be a number from 0 to 65535");
    const badEnvironment = new StartCommand(["--port", "0", "--data", dataFolder()], { UIM_ENV: "nowhere" });
    expect(await badEnvironment.exited).toBe(1);
    expect(badEnvironment.output).toContain("There is no [env.nowhere] in wrangler.toml (known: v1)");
  });
});

describe("a server", () => {
  it("is not left running when the folder cannot tell who serves it", async () => {
    const dataDir = dataFolder();
    const blocking = path.join(dataDir, "lock.json.new");
    fs.mkdirSync(blocking);
    await expect(serve({ dataDir })).rejects.toThrow("did not start");
    const children = fs.readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    expect(children.filter(isWorkerd)).toEqual([]);
    expect(fs.existsSync(path.join(dataDir, "lock.json"))).toBe(false);
  });

  it("keeps accounts over a restart and over SIGKILL", async () => {
    const server = await serve();
    const { account } = await register(server.url);
    await server.restart();
    expect((await login(server.url, account)).user_id).toBe(account.user_id);
    await server.kill("SIGKILL");
    await server.restart();
    expect((await login(server.url, account)).user_id).toBe(account.user_id);
  });

  it("stops within a few seconds while a socket is open", async () => {
    const server = await serve();
    const socket = await (await register(server.url)).connectDevice();
    const begin = performance.now();
    await server.stop();
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect((await socket.closed).code).toBe(1006);
  });

  it("takes the limits that it is given", async () => {
    const server = await serve({ vars: { MAX_MESSAGE_CHARS: "123" } });
    const session = await register(server.url);
    const socket = await TestSocket.open(
      `${server.url.replace("http", "ws")}/ws?ticket=${await session.ticket()}`,
    );
    const connected = await socket.next("CONNECTED");
    expect(connected.payload.limits.max_message_chars).toBe(123);
    // One that is open holds up the stop.
    socket.raw.terminate();
  });
});
