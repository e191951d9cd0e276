import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { type Server, startServer } from "../../scripts/lib/server.mjs";
import { copyToDisk, makeFolder, makeFolderInMemory, removeFolder } from "./data-folder.ts";
import { BENCH_VARS } from "./limits.ts";
import type { Running } from "./running.ts";
import { SeedDoor } from "./seed-door.ts";

/** In the data folder: what the server says. */
export const LOG_FILE = "server.log";

const WORKERS = path.join(import.meta.dirname, "../worker");

export interface UimOptions {
  /** Counts rows and calls, at the price of speed; see worker/metered.ts. */
  readonly metered?: boolean;
  readonly vars?: Readonly<Record<string, string>>;
  /** Opens the inspector, for profiles. */
  readonly inspect?: boolean;
  /** Serves the web client too. */
  readonly hasWeb?: boolean;
}

/** UIM, and what was seeded into it. */
export interface UimServer<T> extends Running {
  readonly seeded: T;
  /** Where everything durable lies, and the log. */
  readonly data_folder: string;
  /** Kills it as a crash would, and starts it again on the same port and folder. */
  crash(): Promise<void>;
}

/**
 * UIM on a fresh folder with what `seed` makes there: the seeding server runs first and is stopped, then the production
 * bundle starts on the same folder.
 */
export async function startUim<T>(
  seed: (door: SeedDoor) => Promise<T>,
  { metered = false, inspect = false, hasWeb = false, vars = {} }: UimOptions = {},
): Promise<UimServer<T>> {
  const dataDir = makeFolder();
  const options = { dataDir, vars: { ...BENCH_VARS, ...vars } };
  try {
    const seeded = await seedFolder(dataDir, options.vars, seed);
    const entry = metered ? path.join(WORKERS, "metered.ts") : null;
    const inspector_port = inspect ? await freePort() : undefined;
    const flags = inspect ? [`--inspector-addr=127.0.0.1:${inspector_port}`] : [];
    let server = await launch({ ...options, entry, flags, hasWeb });
    const { url, port } = server;
    return {
      url,
      seeded,
      data_folder: dataDir,
      inspector_port,
      get pid() {
        return server.pid;
      },
      crash: async () => {
        await server.kill("SIGKILL");
        server = await launch({ ...options, entry, flags, hasWeb, port });
      },
      stop: async () => {
        await server.stop();
        removeFolder(dataDir);
      },
    };
  } catch (error) {
    removeFolder(dataDir);
    throw error;
  }
}

async function seedFolder<T>(
  dataDir: string,
  vars: Readonly<Record<string, string>>,
  seed: (door: SeedDoor) => Promise<T>,
): Promise<T> {
  const folder = makeFolderInMemory();
  try {
    const seeder = await launch({ dataDir: folder, vars, entry: path.join(WORKERS, "seed.ts") });
    const seeded = await seed(new SeedDoor(seeder.url)).finally(() => seeder.stop());
    copyToDisk(folder, dataDir);
    return seeded;
  } finally {
    removeFolder(folder);
  }
}

async function launch(options: Parameters<typeof startServer>[0]): Promise<Server> {
  const logFile = path.join(options.dataDir, LOG_FILE);
  const output = fs.openSync(logFile, "a");
  try {
    return await startServer({ ...options, output });
  } catch (cause) {
    throw new Error(`The server did not start. Its log:\n${fs.readFileSync(logFile, "utf8")}`, { cause });
  } finally {
    fs.closeSync(output);
  }
}

/** workerd does not say which port its inspector took, so one is chosen for it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
