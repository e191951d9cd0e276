// @ts-check
import fs from "node:fs";
import path from "node:path";

/** @typedef {import("./config.mjs").WorkerConfig} WorkerConfig */

/**
 * What of a server is not in wrangler.toml.
 * @typedef {object} ServerPlan
 * @property {WorkerConfig} config
 * @property {Record<string, unknown>} vars
 * @property {string} bundle the built Worker, one file; its path is relative to the config file
 * @property {string} address host:port to listen on
 * @property {string} stateDir where everything durable lies
 * @property {string | null} [webDir] the built web client; without it there is none
 * @property {Cluster | null} [cluster] share the objects with other nodes
 * @property {string | null} [sqlAddress] host:port for plain SQL on the first database, for migrations
 */

/**
 * Nodes that share their objects over a bucket. All must have the same.
 * @typedef {object} Cluster
 * @property {string} bucket `s3://bucket/prefix`
 * @property {Record<string, string>} options how to reach it: `aws_endpoint`, `aws_region`, …
 * @property {string} address host:port for the other nodes
 * @property {string} key at least 32 bytes that only the nodes know
 */

/**
 * A capnp literal. JSON's escapes are capnp's, except that a control character is \xHH.
 * @param {string} value
 */
function text(value) {
  return JSON.stringify(value).replace(/\\(?:u00(..)|.)/g, (match, hex) => (hex ? `\\x${hex}` : match));
}

/** @param {unknown} value */
function json(value) {
  return text(JSON.stringify(value));
}

/**
 * @param {readonly string[]} items
 * @param {string} indent
 */
function list(items, indent) {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}]`;
}

/** @param {string} className */
function objectNamespace(className) {
  // The key names the folder of the class's data: it must never change.
  return `(className = ${text(className)}, uniqueKey = ${text(`uim-${className}`)}, enableSql = true)`;
}

/** D1 as workerd brings it: each database is one object whose SQLite is the database. */
const D1_SERVICE = `(name = "d1", worker = (
    compatibilityDate = "2026-01-01",
    modules = [(name = "d1.js", bundled = "/workerd/d1.js")],
    bindings = [(name = "DATABASE", durableObjectNamespace = "D1Database")],
    durableObjectNamespaces = [(className = "D1Database", uniqueKey = "uim-d1", enableSql = true)],
    durableObjectStorage = (localDisk = "state"),
  ))`;

/** @param {readonly string[]} crons */
function cronService(crons) {
  return `(name = "cron", worker = (
    compatibilityDate = "2026-01-01",
    compatibilityFlags = ["service_binding_extra_handlers", "experimental"],
    modules = [(name = "cron.js", bundled = "/workerd/cron.js")],
    bindings = [
      (name = "SCHEDULE", durableObjectNamespace = "Schedule"),
      (name = "app", service = "uim"),
      (name = "CRONS", json = ${json({ app: crons })}),
    ],
    durableObjectNamespaces = [(className = "Schedule", uniqueKey = "uim-cron", enableSql = true)],
    durableObjectStorage = (localDisk = "state"),
  ))`;
}

/**
 * The web client's files, before the Worker; which paths are the Worker's own, wrangler.toml says.
 * @param {import("./config.mjs").AssetsConfig} assets
 * @param {string} webDir
 */
function assetsService({ notFoundHandling, runWorkerFirst }, webDir) {
  const config = {
    not_found_handling: notFoundHandling,
    run_worker_first: runWorkerFirst,
    headers: fs.readFileSync(path.join(webDir, "_headers"), "utf8"),
    redirects: fs.readFileSync(path.join(webDir, "_redirects"), "utf8"),
  };
  return `(name = "web", assets = (path = ${text(webDir)}, config = ${json(config)}, userWorker = "uim"))`;
}

/** @param {string} stateDir */
function stateService(stateDir) {
  return `(name = "state", disk = (path = ${text(stateDir)}, writable = true))`;
}

/** @param {string} database */
function databaseDesignator(database) {
  return `(name = "d1", props = (json = ${json({ database })}))`;
}

/** @param {Cluster} cluster */
function clusterOf({ bucket, options, address, key }) {
  const settings = Object.entries(options).map(([name, value]) => text(`${name}=${value}`));
  return `(
    bucket = ${text(bucket)},
    bucketOptions = ${list(settings, "    ")},
    address = ${text(address)},
    key = ${text(key)},
  )`;
}

/**
 * The config of the whole server: the Worker with its objects and variables, D1 and cron beside it.
 * @param {ServerPlan} plan
 */
export function serverConfig(plan) {
  const { config, vars, bundle, address, stateDir, webDir = null, cluster = null, sqlAddress = null } = plan;
  const web = config.assets !== null && webDir !== null ? assetsService(config.assets, webDir) : null;
  const bindings = [
    ...config.objects.map(
      ({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...config.databases.map(
      ({ binding, name }) =>
        `(name = ${text(binding)}, wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = ${databaseDesignator(name)})]))`,
    ),
    ...Object.entries(vars).map(([name, value]) =>
      typeof value === "string"
        ? `(name = ${text(name)}, text = ${text(value)})`
        : `(name = ${text(name)}, json = ${json(value)})`,
    ),
    ...config.secrets.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
  ];
  const services = [
    `(name = "uim", worker = .uim)`,
    ...(web === null ? [] : [web]),
    D1_SERVICE,
    ...(config.crons.length > 0 ? [cronService(config.crons)] : []),
    stateService(stateDir),
    `(name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true)))`,
  ];
  const [database] = config.databases;
  const sockets = [
    `(name = "http", address = ${text(address)}, http = (), service = ${web === null ? '"uim"' : '"web"'})`,
    ...(sqlAddress !== null && database
      ? [
          `(name = "sql", address = ${text(sqlAddress)}, http = (), service = ${databaseDesignator(database.name)})`,
        ]
      : []),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = ${list(services, "  ")},
  sockets = ${list(sockets, "  ")},
${cluster ? `  cluster = ${clusterOf(cluster)},\n` : ""});

const uim :Workerd.Worker = (
  compatibilityDate = ${text(config.compatibilityDate)},
  compatibilityFlags = ${list(config.compatibilityFlags.map(text), "  ")},
  modules = [(name = "worker.js", esModule = embed ${text(bundle)})],
  bindings = ${list(bindings, "  ")},
  durableObjectNamespaces = ${list(
    config.objects.map(({ className }) => objectNamespace(className)),
    "  ",
  )},
  durableObjectStorage = (localDisk = "state"),
);
`;
}

/**
 * The config of a server that answers nothing but SQL for one database, on a port of this machine that nobody was
 * told. It lives for the migrations only.
 * @param {{ database: string, stateDir: string }} plan
 */
export function databaseConfig({ database, stateDir }) {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = ${list([D1_SERVICE, stateService(stateDir)], "  ")},
  sockets = [(name = "sql", address = "127.0.0.1:0", http = (), service = ${databaseDesignator(database)})],
);
`;
}
