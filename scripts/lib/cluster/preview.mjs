// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findFaults, spread } from "../demo/verdict.mjs";
import { Failure } from "../failure.mjs";
import { newMasterKey } from "../secrets.mjs";
import { MemoryBucket } from "./bucket.mjs";
import { startNode } from "./node.mjs";
import { Talker } from "./talker.mjs";

const USAGE = `npm run cluster-preview [-- --bucket <s3://bucket/prefix>]

Two nodes of UIM share their objects over a bucket; one is killed, and the chat goes on. Without --bucket the bucket is in
memory. With it, AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say how to reach it; the prefix
should be unused.`;

/** Longer than a node's lease of 20 s, after which another takes its objects over. */
const LEASE_PATIENCE_MS = 60_000;
const MESSAGES_BEFORE = 20;
const MESSAGES_AFTER = 10;
const POLL_MS = 50;

/** @typedef {import("./node.mjs").ClusterNode} ClusterNode */

/**
 * Resolves to the exit code.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function clusterPreview(args, env) {
  const { bucket, help } = parseFlags(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "uim-cluster-"));
  const memory = bucket === undefined ? new MemoryBucket() : null;
  /** @type {ClusterNode[]} */
  const nodes = [];
  try {
    const cluster = {
      bucket: bucket ?? "s3://uim/preview",
      options: memory ? memoryOptions(await memory.listen()) : optionsFrom(env),
      key: randomBytes(32).toString("hex"),
    };
    const secrets = { MASTER_KEY: newMasterKey() };
    for (const name of ["A", "B"]) {
      const begun_at = performance.now();
      const own = { name, folder: path.join(folder, name), logFile: path.join(folder, `${name}.log`) };
      nodes.push(await startNode({ ...own, cluster, secrets }));
      console.log(`Node ${name} is up after ${seconds(performance.now() - begun_at)}.`);
    }
    await story(nodes);
    if (memory) console.log(`Requests to the bucket: ${JSON.stringify(memory.requests)}.`);
    return 0;
  } finally {
    await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
    memory?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly ClusterNode[]} nodes */
async function story(nodes) {
  const urls = nodes.map(({ url }) => url);
  const ada = await Talker.register("ada", urls);
  const bob = await Talker.register("bob", [...urls].reverse());
  const { conversation_id } = await ada.session.call("POST", "/api/conversations", {
    type: "one_on_one",
    participant_id: bob.session.user.user_id,
  });
  const talks = [ada, bob].map((talker) => talker.talk(conversation_id));
  await until(
    "the chat to begin",
    () => ada.said.length > MESSAGES_BEFORE && bob.said.length > MESSAGES_BEFORE,
  );
  for (const [name, talker] of Object.entries({ "Ada, at node A": ada, "Bob, at node B": bob })) {
    console.log(
      `${name}: ${talker.said.length} messages acked, ${spread(talker.said.map(({ ack_ms }) => ack_ms))}`,
    );
  }

  await nodes[0]?.kill("SIGKILL");
  const killed_at = performance.now();
  console.log("Node A is killed.");
  const since = (/** @type {Talker} */ talker) => talker.said.filter(({ begun_at }) => begun_at > killed_at);
  await until("the chat to go on", () =>
    [ada, bob].every((talker) => since(talker).length >= MESSAGES_AFTER),
  );
  for (const [name, talker] of Object.entries({ Ada: ada, Bob: bob })) {
    const first = talker.said.find(({ begun_at, ack_ms }) => begun_at + ack_ms > killed_at);
    const waited = first ? first.begun_at + first.ack_ms - killed_at : Number.NaN;
    console.log(`${name}: the first ack came ${seconds(waited)} after the kill.`);
  }
  for (const talker of [ada, bob]) talker.stop();
  await Promise.all(talks);
  await judge(ada, bob, conversation_id);
}

/**
 * @param {Talker} ada
 * @param {Talker} bob
 * @param {string} conversation_id
 */
async function judge(ada, bob, conversation_id) {
  const said = [...ada.said, ...bob.said];
  await until(
    "the last messages to arrive",
    () => ada.heard.size >= bob.said.length && bob.heard.size >= ada.said.length,
  );
  const history = await bob.session.history(conversation_id);
  const faults = findFaults(said, [], history);
  for (const [name, talker, other] of /** @type {const} */ ([
    ["Ada", ada, bob],
    ["Bob", bob, ada],
  ])) {
    const lost = other.said.filter(({ seq, message_id }) => talker.heard.get(seq) !== message_id);
    if (lost.length > 0) faults.push(`${name} has not heard ${lost.map(({ seq }) => seq).join(", ")}`);
  }
  if (faults.length > 0) throw new Failure(`${faults.length} faults:\n${faults.join("\n")}`);
  console.log(`${said.length} messages, none lost, none doubled, none out of order.`);
}

/** @param {number} port */
function memoryOptions(port) {
  return {
    aws_endpoint: `http://127.0.0.1:${port}`,
    aws_region: "auto",
    aws_access_key_id: "none",
    aws_secret_access_key: "none",
  };
}

/** @param {NodeJS.ProcessEnv} env */
function optionsFrom(env) {
  const names = {
    aws_endpoint: "AWS_ENDPOINT_URL",
    aws_region: "AWS_REGION",
    aws_access_key_id: "AWS_ACCESS_KEY_ID",
    aws_secret_access_key: "AWS_SECRET_ACCESS_KEY",
    aws_token: "AWS_SESSION_TOKEN",
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, name]) => {
      const value = env[name];
      return value ? [[option, value]] : [];
    }),
  );
}

/**
 * @param {string} what
 * @param {() => boolean} isThere
 */
async function until(what, isThere) {
  const deadline = performance.now() + LEASE_PATIENCE_MS;
  while (!isThere()) {
    if (performance.now() > deadline) throw new Failure(`Waited ${seconds(LEASE_PATIENCE_MS)} for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @param {readonly string[]} args */
function parseFlags(args) {
  const options = {
    bucket: /** @type {const} */ ({ type: "string" }),
    help: /** @type {const} */ ({ type: "boolean" }),
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
