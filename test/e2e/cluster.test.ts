import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryBucket } from "../../scripts/lib/cluster/bucket.mjs";
import { type ClusterNode, startNode } from "../../scripts/lib/cluster/node.mjs";
import { newMasterKey } from "../../scripts/lib/secrets.mjs";
import { login, register } from "../support/server/client.ts";
import { makeDataFolder } from "../support/server/test-server.ts";

/** The preview of several machines. That it survives the loss of one is for `npm run cluster-preview`: it takes a lease of 20 s. */
const bucket = new MemoryBucket();
const folder = makeDataFolder();
const nodes: ClusterNode[] = [];

beforeAll(async () => {
  const options = {
    aws_endpoint: `http://127.0.0.1:${await bucket.listen()}`,
    aws_region: "auto",
    aws_access_key_id: "none",
    aws_secret_access_key: "none",
  };
  const cluster = { bucket: "s3://uim/test", options, key: newMasterKey() };
  const secrets = { MASTER_KEY: newMasterKey() };
  for (const name of ["A", "B"]) {
    const own = { name, folder: path.join(folder, name), logFile: path.join(folder, `${name}.log`) };
    nodes.push(await startNode({ ...own, cluster, secrets }));
  }
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
  bucket.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("two nodes on one bucket", () => {
  it("[SEND-1] [DLV-1] are one server: accounts, conversations and chat are the same at both", async () => {
    const [a = "", b = ""] = nodes.map(({ url }) => url);
    const ada = await register(a);
    const bob = await login(b, (await register(a)).account);
    const { conversation_id } = await ada.createOneOnOne(bob.user_id);
    const [adaSocket, bobSocket] = [await ada.connectDevice(), await bob.connectDevice()];
    for (const [from, to] of [
      [adaSocket, bobSocket],
      [bobSocket, adaSocket],
    ] as const) {
      const { seq } = await from.sent(from.sendMessage(conversation_id, "across"));
      await to.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    }
    expect(await bob.wholeHistory(conversation_id)).toEqual(await ada.wholeHistory(conversation_id));
    expect(await bob.inboxRow(conversation_id)).toMatchObject({ head_seq: 2, unread_count: 1 });
  });
});
