import fs from "node:fs";
import path from "node:path";
import { readWorkerConfig } from "../../scripts/lib/config.mjs";
import { spawnWorkerd } from "../../scripts/lib/workerd.mjs";
import { makeFolder, removeFolder } from "../servers/data-folder.ts";
import type { Running } from "../servers/running.ts";

/** Plain echo on the same workerd: the limit of what anything built on it could reach. */
export async function startEcho(): Promise<Running> {
  const folder = makeFolder();
  fs.copyFileSync(path.join(import.meta.dirname, "worker.mjs"), path.join(folder, "worker.mjs"));
  const configFile = path.join(folder, "server.capnp");
  fs.writeFileSync(configFile, echoConfig(readWorkerConfig(null).compatibilityDate));
  const workerd = await spawnWorkerd(configFile, { sockets: ["http"] });
  const stop = async () => {
    await workerd.stop();
    removeFolder(folder);
  };
  return { url: `http://127.0.0.1:${workerd.ports.get("http")}`, pid: workerd.pid, stop };
}

function echoConfig(compatibilityDate: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "echo", worker = .echo)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "echo")],
);

const echo :Workerd.Worker = (
  compatibilityDate = "${compatibilityDate}",
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  bindings = [(name = "ECHO", durableObjectNamespace = "EchoObject")],
  durableObjectNamespaces = [(className = "EchoObject", uniqueKey = "echo")],
  durableObjectStorage = (inMemory = void),
);
`;
}
