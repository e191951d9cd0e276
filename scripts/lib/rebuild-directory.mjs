// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.mjs";

/** A step that meets a limit, or a server that is down for a moment, is tried again so often. */
const ATTEMPTS = 30;
const PAUSE_MS = 1_000;

/**
 * Walks through all users and has their conversations publish themselves. It may be stopped and begun again.
 * @param {string} url
 * @param {string} token an admin's access token
 * @returns {Promise<number>} the exit code
 */
export async function rebuildDirectory(url, token) {
  if (token === "") throw new Failure("UIM_TOKEN has to hold the access token of an admin.");
  let conversations = 0;
  /** @type {string | null} */
  let cursor = null;
  let steps = 0;
  do {
    const step = await takeStep(url, token, cursor);
    conversations += step.conversations;
    cursor = step.next_cursor;
    if (++steps % 100 === 0) console.log(`${conversations} conversations so far …`);
  } while (cursor !== null);
  console.log(`The directory holds ${conversations} conversations as their objects say.`);
  return 0;
}

/**
 * @param {string} url
 * @param {string} token
 * @param {string | null} cursor
 * @returns {Promise<{ conversations: number, next_cursor: string | null }>}
 */
async function takeStep(url, token, cursor) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${url}/api/admin/directory/rebuild`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(cursor === null ? {} : { cursor }),
    });
    if (response.ok) {
      /** @type {{ conversations: number, next_cursor: string | null }} */
      const step = JSON.parse(await response.text());
      return step;
    }
    const isPassing = response.status === 429 || response.status === 503;
    if (!isPassing || attempt === ATTEMPTS)
      throw new Failure(`The server refused (${response.status}):\n${await response.text()}`);
    await response.body?.cancel();
    await sleep(PAUSE_MS);
  }
}
