// @ts-check
import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./paths.mjs";

const SIMULATION = path.join(ROOT, "test", "simulation");

/**
 * Runs the simulation as its own files stand, types and all, with the platform's module replaced by its model. Resolves
 * to the exit code.
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function simulate(args) {
  const model = pathToFileURL(path.join(SIMULATION, "platform", "workers-module.ts")).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers" ? { url: model, shortCircuit: true } : next(specifier, context),
  });
  const { command } = await import(pathToFileURL(path.join(SIMULATION, "command.ts")).href);
  return command(args);
}
