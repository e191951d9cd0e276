import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { ensureBundle } from "../../scripts/lib/bundle.mjs";
import { databaseConfig, serverConfig } from "../../scripts/lib/capnp.mjs";
import { readWorkerConfig } from "../../scripts/lib/config.mjs";
import { migrate } from "../../scripts/lib/migrate.mjs";
import { spawnWorkerd } from "../../scripts/lib/workerd.mjs";
import { makeDataFolder } from "../support/server/test-server.ts";
import { SUITE_LIMITS } from "../support/suite-limits.ts";

/** A server whose D1 is a process of its own, as it is a service of its own at Cloudflare. */
export interface SplitServer {
  readonly url: string;
  log(): string;
  /** Ends D1's process; the data stays. */
  killDatabase(): Promise<void>;
  /** D1's process answers nothing until `wakeDatabase`, and refuses nothing either. */
  freezeDatabase(): void;
  wakeDatabase(): void;
  restartDatabase(): Promise<void>;
  /** The SQLite file that D1 is. */
  databaseFile(): string;
  stop(): Promise<void>;
}

export async function startSplitServer(): Promise<SplitServer> {
  const dataDir = makeDataFolder();
  const logFile = path.join(dataDir, "server.log");
  const output = fs.openSync(logFile, "a");
  const config = readWorkerConfig(null);
  const [{ name: database, migrationsDir } = { name: "", migrationsDir: "" }] = config.databases;
  const stateDir = path.join(dataDir, "state");
  fs.mkdirSync(stateDir);
  await migrate({ database, migrationsDir, dataDir, stateDir, output });

  const port = await freePort();
  const databaseFile = path.join(dataDir, "database.capnp");
  fs.writeFileSync(
    databaseFile,
    replaced(databaseConfig({ database, stateDir }), "127.0.0.1:0", `127.0.0.1:${port}`),
  );
  const startDatabase = () => spawnWorkerd(databaseFile, { sockets: ["sql"], output });
  let d1 = await startDatabase();

  const serverFile = path.join(dataDir, "server.capnp");
  const plan = {
    config,
    vars: { ...config.vars, CLIENT_IP_HEADER: "", ...SUITE_LIMITS },
    bundle: path.relative(fs.realpathSync(dataDir), fs.realpathSync(await ensureBundle(null))),
    address: "127.0.0.1:0",
    stateDir: path.join(dataDir, "objects"),
  };
  fs.mkdirSync(plan.stateDir);
  fs.writeFileSync(serverFile, withDatabaseAt(serverConfig(plan), port));
  const secrets = { MASTER_KEY: Buffer.alloc(32, "uim").toString("base64") };
  const server = await spawnWorkerd(fs.realpathSync(serverFile), { sockets: ["http"], secrets, output });
  return {
    url: `http://127.0.0.1:${server.ports.get("http")}`,
    log: () => fs.readFileSync(logFile, "utf8"),
    killDatabase: async () => {
      d1.kill("SIGKILL");
      await d1.exited;
    },
    freezeDatabase: () => d1.kill("SIGSTOP"),
    wakeDatabase: () => d1.kill("SIGCONT"),
    restartDatabase: async () => {
      d1 = await startDatabase();
    },
    databaseFile: () => onlyDatabaseIn(path.join(stateDir, "uim-d1")),
    stop: async () => {
      for (const process of [d1, server]) process.kill("SIGKILL");
      await Promise.all([server.exited, d1.exited]);
      fs.closeSync(output);
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The server's config with the D1 in its process left out, and the one that listens there in its place. */
function withDatabaseAt(text: string, port: number): string {
  const external = `(name = "d1-process", external = (address = "127.0.0.1:${port}", http = ()))`;
  const bound = text.replace(
    /service = \(name = "d1", props = \(json = "(?:[^"\\]|\\.)*"\)\)/,
    'service = "d1-process"',
  );
  if (bound === text) throw new Error("the config binds D1 in another way than this knows");
  return replaced(bound, "services = [", `services = [\n    ${external},`);
}

function replaced(text: string, piece: string, by: string): string {
  if (!text.includes(piece)) throw new Error(`the config has no ${piece}`);
  return text.replace(piece, by);
}

function freePort(): Promise<number> {
  const probe = net.createServer();
  return new Promise((resolve) => {
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function onlyDatabaseIn(folder: string): string {
  const [file, ...others] = fs.readdirSync(folder).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name));
  if (file === undefined || others.length > 0) throw new Error(`one database was expected in ${folder}`);
  return path.join(folder, file);
}
