// @ts-check
import fs from "node:fs";
import path from "node:path";
import { ensureBundle } from "../bundle.mjs";
import { serverConfig } from "../capnp.mjs";
import { readWorkerConfig } from "../config.mjs";
import { migrateAt } from "../migrate.mjs";
import { spawnWorkerd } from "../workerd.mjs";

/**
 * @typedef {object} ClusterNode
 * @property {string} name
 * @property {string} url
 * @property {(signal: NodeJS.Signals) => Promise<void>} kill resolves when it has ended
 * @property {() => Promise<void>} stop
 */

/**
 * Runs one node of a cluster: the same Worker and objects as `npm start`, which live in the bucket.
 * @param {object} plan
 * @param {string} plan.name
 * @param {string} plan.folder for what the node keeps on its own disk
 * @param {Omit<import("../capnp.mjs").Cluster, "address">} plan.cluster
 * @param {Record<string, string>} plan.secrets
 * @param {string} plan.logFile
 * @returns {Promise<ClusterNode>}
 */
export async function startNode({ name, folder, cluster, secrets, logFile }) {
  const config = readWorkerConfig(null);
  const bundle = await ensureBundle(null);
  const stateDir = path.join(folder, "state");
  fs.mkdirSync(stateDir, { recursive: true });
  const configFile = path.join(folder, "server.capnp");
  const plan = {
    config,
    vars: { ...config.vars, CLIENT_IP_HEADER: "" },
    bundle: path.relative(fs.realpathSync(folder), fs.realpathSync(bundle)),
    address: "127.0.0.1:0",
    sqlAddress: "127.0.0.1:0",
    stateDir,
    cluster: { ...cluster, address: "127.0.0.1:0" },
  };
  fs.writeFileSync(configFile, serverConfig(plan));
  const output = fs.openSync(logFile, "a");
  try {
    const workerd = await spawnWorkerd(configFile, { sockets: ["http", "sql"], secrets, output });
    // The database is one object for the whole cluster: whoever comes second finds nothing to do.
    for (const { migrationsDir } of config.databases) {
      await migrateAt(workerd.ports.get("sql") ?? 0, migrationsDir);
    }
    return {
      name,
      url: `http://127.0.0.1:${workerd.ports.get("http")}`,
      kill: async (signal) => {
        workerd.kill(signal);
        await workerd.exited;
      },
      stop: workerd.stop,
    };
  } finally {
    fs.closeSync(output);
  }
}
