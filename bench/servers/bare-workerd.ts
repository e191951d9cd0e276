import fs from "node:fs";
import path from "node:path";
import { readWorkerConfig } from "../../scripts/lib/config.mjs";
import { spawnWorkerd } from "../../scripts/lib/workerd.mjs";
import { makeFolder, removeFolder } from "./data-folder.ts";
import type { Running } from "./running.ts";

/** What the config of such a server is made of. Paths in it are relative to the config itself. */
export interface BareSetup {
  readonly compatibilityDate: string;
  /** The Worker, one file. */
  readonly module: string;
  /** A folder for what is stored. */
  readonly state: string;
}

/** workerd with nothing of UIM: one Worker of one file, and a socket called "http". */
export async function startBareWorkerd(
  workerFile: string,
  configOf: (setup: BareSetup) => string,
): Promise<Running> {
  const folder = makeFolder();
  const setup: BareSetup = {
    compatibilityDate: readWorkerConfig(null).compatibilityDate,
    module: "worker.mjs",
    state: path.join(folder, "state"),
  };
  fs.mkdirSync(setup.state);
  fs.copyFileSync(workerFile, path.join(folder, setup.module));
  const configFile = path.join(folder, "server.capnp");
  fs.writeFileSync(configFile, configOf(setup));
  const workerd = await spawnWorkerd(configFile, { sockets: ["http"] });
  const stop = async () => {
    await workerd.stop();
    removeFolder(folder);
  };
  return { url: `http://127.0.0.1:${workerd.ports.get("http")}`, pid: workerd.pid, stop };
}
