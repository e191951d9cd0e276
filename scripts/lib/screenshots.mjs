// @ts-check
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { launchBrowser } from "./browser.mjs";
import { SCRATCH, shortPath } from "./paths.mjs";
import { startServer } from "./server.mjs";

const PASSWORD = "correct-horse-battery-9";
const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

/** Who stands in the pictures. */
const PEOPLE = {
  ada: "Ada Lovelace",
  grace: "Grace Hopper",
  linus: "Linus Pauling",
  mei: "Mei Wang",
  omar: "Omar Khayyam",
  rosa: "Rosa Parks",
};

/** @typedef {{ token: string, user_id: string }} Person */

/**
 * Takes the pictures and says where they are. Resolves to the exit code.
 * @param {string} [folder]
 */
export async function takeScreenshots(folder = path.join(SCRATCH, "screenshots")) {
  fs.mkdirSync(folder, { recursive: true });
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "uim-screenshots-"));
  const server = await startServer({
    dataDir,
    hasWeb: true,
    output: "ignore",
    vars: { REQUESTS_BURST: "1000", AUTH_ATTEMPTS_PER_5_MINUTES: "1000" },
  });
  const browser = await launchBrowser();
  try {
    const shown = await fill(server.url);
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        const context = await browser.newContext({
          viewport,
          colorScheme,
          deviceScaleFactor: 2,
          locale: "en-GB",
          hasTouch: size === "phone",
          isMobile: size === "phone",
        });
        const page = await context.newPage();
        await walk(page, server.url, shown, async (name) => {
          await page.waitForTimeout(350);
          await page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`) });
        });
        await context.close();
      }
    }
  } finally {
    await browser.close();
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
  console.log(`Pictures: ${shortPath(folder)}`);
  return 0;
}

/**
 * From screen to screen.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {{ username: string, pair: string, group: string }} shown
 * @param {(name: string) => Promise<void>} shoot
 */
async function walk(page, url, { username, pair, group }, shoot) {
  await page.goto(`${url}/sign-up`);
  await page.getByRole("heading", { name: "Create account" }).waitFor();
  await shoot("sign-up");
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("User name or e-mail").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  await page.getByRole("list", { name: "Chats" }).waitFor();
  await shoot("inbox");
  for (const [name, conversation_id] of [
    ["pair", pair],
    ["group", group],
  ]) {
    await page.goto(`${url}/c/${conversation_id}`);
    await page.getByRole("log").locator("article").first().waitFor();
    await shoot(name ?? "");
  }
  await page.getByRole("button", { name: "Emoji" }).click();
  await page.getByRole("option").first().waitFor();
  await shoot("emoji");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Search in this chat" }).click();
  const search = page.getByRole("search", { name: "Search in this chat" });
  await search.getByRole("searchbox").fill("the");
  await search.getByRole("listitem").first().waitFor();
  await shoot("search");
  await search.getByRole("button", { name: "Close" }).click();
  await page
    .getByRole("button", { name: /Actions for/ })
    .last()
    .waitFor();
  await page.locator("main header button").first().click();
  await page.getByRole("dialog").getByText("Linus Pauling").waitFor();
  await shoot("details");
  for (const name of ["settings", "people"]) {
    await page.goto(`${url}/${name}`);
    await page
      .getByRole("heading", { name: name === "people" ? "Friends" : "Devices", exact: true })
      .waitFor();
    await shoot(name);
  }
}

/**
 * Has people talk.
 * @param {string} url
 */
async function fill(url) {
  /** @param {string} method @param {string} route @param {Person | null} person @param {unknown} [body] */
  const call = async (method, route, person, body) => {
    const answer = await fetch(url + route, {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(person && { Authorization: `Bearer ${person.token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === "" ? null : JSON.parse(text);
  };
  /** @type {Record<string, Person>} */
  const people = {};
  for (const [username, display_name] of Object.entries(PEOPLE)) {
    const registration = { username, display_name, email: `${username}@example.org`, password: PASSWORD };
    const { access_token, user } = await call("POST", "/api/auth/register", null, registration);
    people[username] = { token: access_token, user_id: user.user_id };
  }
  /** @param {string} name */
  const person = (name) => {
    const found = people[name];
    if (!found) throw new Error(`Who is ${name}?`);
    return found;
  };
  let count = 0;
  /** @param {string} name @param {string} conversation_id @param {string} content @param {object} [more] */
  const say = (name, conversation_id, content, more = {}) =>
    call("POST", `/api/conversations/${conversation_id}/messages`, person(name), {
      content,
      client_message_id: `m${++count}`,
      ...more,
    });
  /** @param {string} name */
  const pairWith = async (name) => {
    const body = { type: "one_on_one", participant_id: person(name).user_id };
    const { conversation_id } = await call("POST", "/api/conversations", person("ada"), body);
    return conversation_id;
  };
  const ada = person("ada");
  for (const name of ["grace", "linus"]) {
    await call("POST", "/api/friends", person(name), { user_id: ada.user_id });
    await call("POST", `/api/friends/${person(name).user_id}/accept`, ada);
  }
  await call("POST", "/api/friends", person("rosa"), { user_id: ada.user_id });
  const omar = await pairWith("omar");
  await say("omar", omar, "The moving finger writes; and, having writ, moves on.");
  await say("ada", omar, "Then we had better proof-read before sending.");
  const mei = await pairWith("mei");
  await say("mei", mei, "Could we move the meeting from three to four?");
  const pair = await pairWith("grace");
  await say("grace", pair, "Good morning! Did the engine run last night?");
  const first = await say("ada", pair, "It did. Bernoulli numbers up to the eighth, not a single error.");
  await call(
    "PUT",
    `/api/conversations/${pair}/messages/${first.message_id}/reactions/${encodeURIComponent("❤")}`,
    person("grace"),
  );
  await say(
    "grace",
    pair,
    "Wonderful. I found a moth in relay 70 over here, so we are one bug ahead of you.",
  );
  await say("grace", pair, "I have taped it into the log book: https://example.org/logbook/1947-09-09");
  await say("ada", pair, "Keep it, somebody will want to see it one day.", { reply_to_seq: 4 });
  await say("ada", pair, "Shall we go through the compiler notes at four?");
  await call("POST", `/api/conversations/${pair}/read`, person("grace"), { seq: 7 });
  await say("grace", pair, "Yes, at four. I will bring the nanoseconds.");
  await call("POST", `/api/conversations/${pair}/read`, ada, { seq: 8 });
  const { conversation_id: group } = await call("POST", "/api/conversations", ada, {
    type: "group",
    name: "Analytical Engine",
    description: "Everything about the engine, and tea at four.",
    participant_ids: ["grace", "linus", "mei"].map((name) => person(name).user_id),
  });
  await call("PATCH", `/api/conversations/${group}/members/${person("grace").user_id}`, ada, {
    role: "admin",
  });
  await call("POST", `/api/conversations/${group}/invites`, ada, {});
  await say("linus", group, "I have read the draft of the notes. Section G is the best thing in it.");
  await say("linus", group, "Would vitamin C help with the bearings?");
  await say("mei", group, "The drawings of the second part are on your desk ★");
  const plan = await say(
    "ada",
    group,
    "Thank you both. The plan for this week:\n• Monday: punch the cards\n• Tuesday: oil, then a dry run\n• Friday: the real one",
  );
  await call("PUT", `/api/conversations/${group}/messages/${plan.message_id}/pin`, ada);
  await call(
    "PUT",
    `/api/conversations/${group}/messages/${plan.message_id}/reactions/${encodeURIComponent("☕")}`,
    person("grace"),
  );
  await call(
    "PUT",
    `/api/conversations/${group}/messages/${plan.message_id}/reactions/${encodeURIComponent("☕")}`,
    person("mei"),
  );
  await call("POST", `/api/conversations/${group}/read`, ada, { seq: 10 }).catch(() => null);
  await say("grace", group, "@ada can we have the dry run on Wednesday? I am at sea on Tuesday.");
  await say("grace", group, "Literally.");
  await call("PUT", `/api/conversations/${pair}/settings`, ada, { pinned: true });
  await call("PUT", `/api/conversations/${omar}/settings`, ada, { muted_until: 8_640_000_000_000_000 });
  return { username: "ada", pair, group };
}
