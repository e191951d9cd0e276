import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Server, startServer } from "../../../scripts/lib/server.mjs";
import { SUITE_LIMITS } from "../suite-limits.ts";

export interface TestServerOptions {
  /** Variables of wrangler.toml that this test sets; the rest is as in wrangler.toml, with the suite's raised limits. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Serves the web client too. */
  readonly hasWeb?: boolean;
  /** A folder that outlives the server, made by the caller; by default one that `stop` removes. */
  readonly dataDir?: string;
}

/** A real server in a process of its own: the bundle that is deployed, on real sockets, with its data on disk. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Of the server process; another one after a restart. */
  readonly pid: number;
  /** What the server has logged so far, over all its starts. */
  log(): string;
  /** Ends it with a signal and resolves when it is gone. The data stays for `restart`. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it anew on the same port and data, ending it in order first if it still runs. */
  restart(): Promise<void>;
  /** Ends it and removes the folder it was given by default. */
  stop(): Promise<void>;
}

/** A folder for data whose path has spaces in it, as a home directory may. */
export function makeDataFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "uim test "));
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? makeDataFolder();
  const logFile = path.join(dataDir, "server.log");
  const vars = { ...SUITE_LIMITS, ...options.vars };
  const readLog = () => fs.readFileSync(logFile, "utf8");

  const launch = async (port: number): Promise<Server> => {
    const output = fs.openSync(logFile, "a");
    try {
      return await startServer({ dataDir, port, vars, output, hasWeb: options.hasWeb ?? false });
    } catch (cause) {
      throw new Error(`The server did not start. Its log:\n${readLog()}`, { cause });
    } finally {
      fs.closeSync(output);
    }
  };

  let server = await launch(0);
  const { url, port } = server;
  return {
    url,
    port,
    dataDir,
    get pid() {
      return server.pid;
    },
    log: readLog,
    kill: (signal) => server.kill(signal),
    restart: async () => {
      await server.stop();
      server = await launch(port);
    },
    stop: async () => {
      await server.stop();
      if (options.dataDir === undefined) fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
