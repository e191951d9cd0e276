// @ts-check
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { Failure } from "./failure.mjs";
import { run } from "./process.mjs";

const USAGE = `npm run fuzz [-- options]

  --cases <n>  how many requests and frames to send, and how many inputs each kind of schema is given (100000)
  --seed <n>   the same seed brings the same cases; without one, new ones`;

const string = /** @type {const} */ ({ type: "string" });
const MAX_SEED = 2 ** 31 - 1;

/**
 * Runs the fuzz tests with as many cases as wanted. Resolves to the exit code.
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function fuzz(args) {
  const { cases, seed } = readOptions(args);
  console.log(`${cases} cases; the same again: npm run fuzz -- --cases ${cases} --seed ${seed}`);
  return run("vitest", ["run", "--project", "fuzz", "--no-file-parallelism"], {
    env: { FUZZ_CASES: String(cases), FUZZ_SEED: String(seed) },
  });
}

/** @param {readonly string[]} args */
function readOptions(args) {
  try {
    const { values } = parseArgs({ args: [...args], options: { cases: string, seed: string } });
    return {
      cases: wholeNumber(values.cases ?? "100000", "--cases"),
      seed: wholeNumber(values.seed ?? String(randomInt(MAX_SEED)), "--seed"),
    };
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

/**
 * @param {string} text
 * @param {string} option
 */
function wholeNumber(text, option) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= MAX_SEED) return value;
  throw new Failure(`${option} must be a whole number above 0, not "${text}".`);
}
