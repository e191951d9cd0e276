// @ts-check
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { keepBuild } from "./build-cache.mjs";
import { ensureBundle } from "./bundle.mjs";
import { serverConfig } from "./capnp.mjs";
import { checkVariables, readWorkerConfig } from "./config.mjs";
import { awaitDataFolder } from "./data-folder.mjs";
import { checkDiskSpace } from "./disk-space.mjs";
import { Failure } from "./failure.mjs";
import { raiseGeneration } from "./generation.mjs";
import { migrate } from "./migrate.mjs";
import { builtRelease, builtWeb } from "./release.mjs";
import { resolveSecrets } from "./secrets.mjs";
import { noteVersion, refuseNewerData } from "./version.mjs";
import { ensureWeb } from "./web.mjs";
import { spawnWorkerd } from "./workerd.mjs";

const READY_TIMEOUT_MS = 15_000;
const READY_POLL_MS = 25;

/**
 * @typedef {object} ServerOptions
 * @property {string} dataDir where everything durable lies; made if missing
 * @property {number} [port] 0, the default, takes a free one
 * @property {string} [host] default 127.0.0.1
 * @property {string | null} [environment] the `[env.…]` of wrangler.toml; null, the default, is its top level
 * @property {Record<string, string>} [vars] instead of what wrangler.toml says
 * @property {NodeJS.ProcessEnv} [env] where secrets are looked for before `secrets.json`; nothing by default
 * @property {"inherit" | "ignore" | number} [output] where the server's log goes
 * @property {string | null} [entry] another main module than wrangler.toml's, by its absolute path
 * @property {boolean} [hasWeb] serve the web client too; not by default
 * @property {boolean} [isBuilt] serve what `npm run build` made
 * @property {readonly string[]} [flags] more options for `workerd serve`
 * @property {(step: string) => void} [onProgress] told what is being done, before it is done
 */

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {number} port
 * @property {string} dataDir
 * @property {number} pid of the server process
 * @property {Promise<string>} exited resolves to how the server process ended
 * @property {() => Promise<void>} stop ends it in order; sockets still open after two seconds are cut
 * @property {(signal: NodeJS.Signals) => Promise<void>} kill resolves when it has ended
 */

/**
 * Runs UIM on this machine: the Worker that is deployed to Cloudflare, served by workerd. Resolves when it answers.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const { port = 0, host = "127.0.0.1" } = options;
  await assertPortFree(host, port);
  const dataDir = path.resolve(options.dataDir);
  const { servedBy, unlock } = await awaitDataFolder(dataDir, options.onProgress);
  /** @type {import("./workerd.mjs").Workerd | null} */
  let launched = null;
  try {
    const workerd = await launch({ ...options, port, host, dataDir });
    launched = workerd;
    servedBy(workerd.pid);
    workerd.exited.then(unlock);
    const url = urlOf(host, workerd.ports.get("http") ?? 0);
    await untilReady(url, workerd);
    return {
      url,
      port: Number(new URL(url).port),
      dataDir,
      pid: workerd.pid,
      exited: workerd.exited,
      stop: workerd.stop,
      kill: async (signal) => {
        workerd.kill(signal);
        await workerd.exited;
      },
    };
  } catch (error) {
    await launched?.stop();
    unlock();
    throw error;
  }
}

/**
 * Everything before the first request: secrets, bundle, migrations, config file, process.
 * @param {ServerOptions & { port: number, host: string }} options
 */
async function launch({
  dataDir,
  port,
  host,
  environment = null,
  vars = {},
  env = {},
  output = "inherit",
  entry = null,
  isBuilt = false,
  hasWeb = false,
  flags = [],
  onProgress,
}) {
  // First whatever may refuse: a start that fails before it has written to the data leaves them to the version of before.
  refuseNewerData(dataDir);
  const warning = checkDiskSpace(dataDir);
  if (warning !== null) onProgress?.(warning);
  const config = readWorkerConfig(environment);
  /** @type {Record<string, unknown>} */
  const wanted = {
    ...config.vars,
    // Nobody stands in front: a header that says where a request comes from would be the client's own word.
    CLIENT_IP_HEADER: "",
    ...vars,
  };
  const secrets = resolveSecrets(config.secrets, dataDir, env);
  checkVariables({ ...wanted, ...secrets });
  const bundle = isBuilt
    ? builtRelease(environment)
    : await ensureBundle(environment, () => onProgress?.("Building the server …"), entry);
  const webDir = hasWeb ? await webFolder(isBuilt, environment, onProgress) : null;
  const generation = raiseGeneration(dataDir, wanted.DATA_GENERATION);
  const stateDir = path.join(dataDir, "state");
  fs.mkdirSync(stateDir, { recursive: true });
  // From here on workerd, which may be a newer one too, opens the files of the data, if only to look for migrations.
  noteVersion(dataDir);
  for (const { name, migrationsDir } of config.databases) {
    const applied = await migrate({ database: name, migrationsDir, dataDir, stateDir, output });
    if (applied.length > 0) onProgress?.(`Applied to the database: ${applied.join(", ")}`);
  }
  const configFile = path.join(dataDir, "server.capnp");
  const plan = {
    config,
    vars: { ...wanted, DATA_GENERATION: String(generation) },
    bundle: path.relative(fs.realpathSync(dataDir), fs.realpathSync(bundle)),
    address: `${bracketed(host)}:${port}`,
    stateDir,
    webDir,
  };
  fs.writeFileSync(configFile, serverConfig(plan));
  const configPath = fs.realpathSync(configFile);
  const workerd = await spawnWorkerd(configPath, { sockets: ["http"], secrets, output, flags });
  // The bundle is a part of what workerd has read; the web client's files are read as they are asked for.
  if (webDir !== null && !isBuilt) workerd.exited.then(keepBuild(webDir));
  return workerd;
}

/**
 * @param {boolean} isBuilt
 * @param {string | null} environment
 * @param {((step: string) => void) | undefined} onProgress
 */
async function webFolder(isBuilt, environment, onProgress) {
  const folder = isBuilt
    ? builtWeb(environment)
    : await ensureWeb(() => onProgress?.("Building the web client …"));
  return fs.realpathSync(folder);
}

/**
 * Fails early, and in words, if another program listens there.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<void>}
 */
function assertPortFree(host, port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(new Failure(portMessage(host, port, error.code ?? error.message)));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

/**
 * @param {string} host
 * @param {number} port
 * @param {string} code
 */
function portMessage(host, port, code) {
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host} is taken by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`;
  }
  if (code === "EACCES") {
    return `Port ${port} needs rights that this user does not have. Choose one above 1023: PORT=8787 npm start`;
  }
  return `Cannot listen on ${host}, port ${port} (${code}). Check HOST (--host) and PORT (--port).`;
}

/**
 * @param {string} url
 * @param {import("./workerd.mjs").Workerd} workerd
 */
async function untilReady(url, workerd) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  /** @type {string | undefined} */
  let ended;
  workerd.exited.then((how) => {
    ended = how;
  });
  for (;;) {
    if (ended !== undefined) throw new Failure(`The server ended while it was starting (${ended}).`);
    if (await isHealthy(url)) return;
    if (Date.now() > deadline) {
      await workerd.stop();
      throw new Failure(`The server does not answer ${url}/health. Its log above says why.`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** @param {string} url */
async function isHealthy(url) {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * An address to reach the server at: one that listens everywhere is reached at this machine's own.
 * @param {string} host
 * @param {number} port
 */
function urlOf(host, port) {
  const reachable = { "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `http://${bracketed(reachable)}:${port}`;
}

/** @param {string} host */
function bracketed(host) {
  return net.isIPv6(host) ? `[${host}]` : host;
}
