// @ts-check
import path from "node:path";
import { parseArgs } from "node:util";
import { readWorkerConfig } from "./config.mjs";
import { Failure } from "./failure.mjs";
import { ROOT, SCRATCH, shortPath } from "./paths.mjs";
import { onParentGone } from "./process.mjs";
import { startServer } from "./server.mjs";

const USAGE = `npm start [-- options]

  --port <n>     port to listen on; 0 takes a free one   (PORT, default 8787)
  --host <name>  address to listen on                    (HOST, default 127.0.0.1)
  --data <dir>   folder of everything durable            (UIM_DATA_DIR, default .uim/data)
  --built        serve what npm run build made, and write nowhere but to the data folder

UIM_ENV=v1 takes [env.v1] of wrangler.toml. Every variable of wrangler.toml can be set in the environment, as
LOG_LEVEL=debug; MASTER_KEY, the one secret, too.`;

/** @typedef {{ port: number, host: string, dataDir: string, environment: string | null, isBuilt: boolean }} StartOptions */

/**
 * Runs UIM until a signal stops it. Resolves to the exit code.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function start(args, env) {
  const options = readOptions(args, env);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  // What people wrote to each other lies in the files that are made from here on: they are for this user alone.
  process.umask(0o077);
  const stopped = stopRequest();
  const vars = varsFrom(env, options.environment);
  const server = await startServer({
    ...options,
    hasWeb: true,
    vars,
    env,
    onProgress: (step) => console.log(step),
  });
  console.log(greeting(server));
  const ended = await Promise.race([stopped, server.exited]);
  if (ended !== null)
    throw new Failure(`The server has ended by itself (${ended}). Its log above may say why.`);
  console.log("\nStopping …");
  await server.stop();
  return 0;
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {StartOptions | null} null if help was asked for
 */
function readOptions(args, env) {
  const { port, host, data, built, help } = parseFlags(args);
  if (help) return null;
  return {
    port: readPort(port ?? env.PORT),
    host: host || env.HOST || "127.0.0.1",
    // A relative folder is meant from where the command was typed; npm moves to the repository.
    dataDir: path.resolve(env.INIT_CWD ?? ROOT, data || env.UIM_DATA_DIR || path.join(SCRATCH, "data")),
    environment: env.UIM_ENV || null,
    isBuilt: built === true,
  };
}

/** @param {readonly string[]} args */
function parseFlags(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const boolean = /** @type {const} */ ({ type: "boolean" });
  const options = {
    port: string,
    host: string,
    data: string,
    built: boolean,
    help: boolean,
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

/** @param {string | undefined} text */
function readPort(text) {
  const port = Number(text || "8787");
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Failure(`The port must be a number from 0 to 65535, not "${text}". Check PORT and --port.`);
}

/**
 * The variables of wrangler.toml that the environment sets to something else.
 * @param {NodeJS.ProcessEnv} env
 * @param {string | null} environment
 * @returns {Record<string, string>}
 */
function varsFrom(env, environment) {
  const names = Object.keys(readWorkerConfig(environment).vars);
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/**
 * Resolves to null when this process is to stop. From the start on, so that a signal during the start is not lost.
 * @returns {Promise<null>}
 */
function stopRequest() {
  return new Promise((resolve) => {
    const stop = () => resolve(null);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
    onParentGone(stop);
  });
}

/** @param {import("./server.mjs").Server} server */
function greeting({ url, dataDir }) {
  const demo = url.endsWith(":8787") ? "npm run demo" : `UIM_URL=${url} npm run demo`;
  return `
UIM is running.

  Open      ${url}    in a browser: sign up and chat
  API docs  ${url}/api/v1/docs
  Data      ${shortPath(dataDir)}

  Next      ${demo}    in a second terminal: two users talk, one goes offline, nothing is lost
  Stop      Ctrl-C
`;
}
