import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readGeneration, writeGeneration } from "../../scripts/lib/generation.mjs";
import { inboxRowSchema } from "../../src/protocol/conversation.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { sessionSchema } from "../../src/protocol/session.ts";
import { login, register } from "../support/server/client.ts";
import {
  chatWith,
  messageOf,
  newName,
  PASSWORD,
  Stage,
  signIn,
  signInHere,
  signUp,
  someFrames,
  tickOf,
  write,
} from "./support/browser.ts";

/** So long a server may take to come back. */
const RESTART_MS = 30_000;

const stage = Stage.set();

async function pair() {
  const ada = await stage.visit();
  const bob = await stage.visit();
  const names = { ada: newName("ada"), bob: newName("bob") };
  await Promise.all([signUp(ada.page, names.ada, "Ada"), signUp(bob.page, names.bob, "Bob")]);
  await chatWith(ada.page, names.bob);
  return { ada, bob, names };
}

describe("what is kept", () => {
  it("is the session after a reload, by a cookie that no script sees, and the draft", async () => {
    const { ada, names } = await pair();
    await ada.page.getByRole("textbox", { name: "Message" }).fill("Half a thou");
    await ada.page.reload();
    await ada.page.getByRole("heading", { name: "Chats" }).waitFor();
    expect(await ada.page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Half a thou");
    await ada.page.getByRole("link", { name: /Bob.*Draft.*Half a thou/ }).waitFor();
    const reachable = await ada.page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }]));
    expect(reachable).not.toMatch(/eyJ|refresh/);
    const cookies = await ada.context.cookies();
    expect(cookies.filter(({ httpOnly }) => httpOnly)).toHaveLength(1);

    const leave = async () => {
      await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
      await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
    };
    await ada.page.goto("/settings");
    await ada.page.getByText(`@${names.ada}`).waitFor();
    await leave();
    expect(
      await ada.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("draft"))),
    ).toEqual([]);
    // Nor is anything shown to whoever is next in the same tab.
    await signInHere(ada.page, names.bob);
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await ada.page.getByText(`@${names.bob}`).waitFor();
    expect(await ada.page.getByLabel("Name", { exact: true }).inputValue()).toBe("Bob");
    await leave();
    await ada.page.reload();
    await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();

    // Two windows have one cookie and one database: they are whoever's has signed in last.
    const window = await ada.context.newPage();
    await window.goto("/sign-in");
    await signInHere(ada.page, names.ada);
    await signInHere(window, names.bob);
    await ada.page.getByText("Another account is in use in another window").waitFor();
    await window.reload();
    await window.getByRole("link", { name: "Settings" }).click();
    await window.getByText(`@${names.bob}`).waitFor();
    // Whoever signs out does so in all of them.
    const third = await ada.context.newPage();
    await third.goto("/settings");
    await third.getByText(`@${names.bob}`).waitFor();
    await third.getByRole("button", { name: "Sign out", exact: true }).click();
    await window.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(ada.faults).toEqual([]);
  });

  it("is no session that somebody has left without a network: it ends when there is one", async () => {
    const { page, context } = await stage.visit();
    const name = newName("ada");
    await signUp(page, name, "Ada");
    const device = await login(stage.server.url, { username: name, password: PASSWORD });
    const sessions = async () => {
      const { items } = await device.call(pageSchema(sessionSchema), "GET", "/api/auth/sessions");
      return items.length;
    };
    const tokens = async () => (await context.cookies()).filter(({ httpOnly }) => httpOnly).length;
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("This device").waitFor();
    const leave = async () => {
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    };
    await context.setOffline(true);
    await leave();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect([await tokens(), await sessions()]).toEqual([1, 2]);
    await context.setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect.poll(async () => [await tokens(), await sessions()], { timeout: 30_000 }).toEqual([0, 1]);

    // At the latest before somebody signs in, whose cookie takes the place of the other.
    await signIn(page, name);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("This device").waitFor();
    await context.route("**/api/auth/**", (route) => route.abort());
    await leave();
    expect([await tokens(), await sessions()]).toEqual([1, 2]);
    await context.unroute("**/api/auth/**");
    await signIn(page, name);
    expect([await tokens(), await sessions()]).toEqual([1, 2]);
  });

  it("is what was written while the server was away, and what is begun when it was put back", async () => {
    const { ada, bob } = await pair();
    const comeBack = async () => {
      await stage.server.restart();
      // As the system says it when a network comes up: nobody waits for the next attempt.
      for (const { page } of [ada, bob]) await page.evaluate(() => dispatchEvent(new Event("online")));
    };
    await write(ada.page, "Before");
    await tickOf(ada.page, "Before", "delivered").waitFor();
    await ada.page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await stage.server.kill("SIGKILL");
    const { dataDir } = stage.server;
    const [state, earlier] = [path.join(dataDir, "state"), path.join(dataDir, "earlier")];
    fs.cpSync(state, earlier, { recursive: true });
    await write(ada.page, "Meanwhile");
    await tickOf(ada.page, "Meanwhile", "pending").waitFor();
    await ada.page.getByText("No connection").waitFor();
    // Even a reload loses nothing: the page comes from the browser, and what is unsent with it.
    await ada.page.reload();
    await tickOf(ada.page, "Meanwhile", "pending").waitFor();
    await messageOf(ada.page, "Before").waitFor();
    await ada.page.getByText("No connection").waitFor();
    // Nothing tells of friendships that have begun or ended meanwhile: they are asked for.
    const friends = bob.page.waitForRequest(/\/api\/friends/, { timeout: RESTART_MS });
    await comeBack();
    await friends;
    await tickOf(ada.page, "Meanwhile", "delivered").waitFor();
    await bob.page.getByRole("link", { name: /Ada.*Meanwhile.*2 unread/ }).click();
    await messageOf(bob.page, "Meanwhile").waitFor();
    // How far a device has come it is told when it connects.
    await ada.page.reload();
    await write(ada.page, "Later");
    await tickOf(ada.page, "Later", "read").waitFor();

    // Put back to an earlier state, the server has everything asked for anew, and the chat is not taken for gone.
    await messageOf(ada.page, "Before").getByRole("button", { name: "Message actions" }).click();
    await ada.page.getByRole("menuitem", { name: "Edit" }).click();
    const field = ada.page.getByRole("textbox", { name: "Message" });
    await field.fill("Before all that");
    await stage.server.kill("SIGKILL");
    fs.rmSync(state, { recursive: true });
    fs.renameSync(earlier, state);
    writeGeneration(dataDir, readGeneration(dataDir) + 1);
    const inbox = ada.page.waitForResponse(/\/api\/conversations\?/, { timeout: RESTART_MS });
    await comeBack();
    await inbox;
    expect(await field.inputValue()).toBe("Before all that");
    await field.press("Enter");
    await messageOf(bob.page, "Before all that").waitFor();
  });

  it("is the place in a long conversation: it opens at the first unread message and does not jump", async () => {
    const { ada, bob, names } = await pair();
    const conversation_id = ada.page.url().split("/").at(-1) ?? "";
    const { url } = stage.server;
    const [hers, his] = await Promise.all(
      [names.ada, names.bob].map((username) => login(url, { username, password: PASSWORD })),
    );
    if (!hers || !his) throw new Error("Somebody is missing");
    const settings = `/api/conversations/${conversation_id}/settings`;
    await his.call(inboxRowSchema, "PUT", settings, { marked_unread: true });
    for (let n = 1; n <= 75; n++) await hers.send(conversation_id, `Line ${n}`);
    await bob.page.getByRole("link", { name: /Ada.*75 unread/ }).click();
    await bob.page.getByText("New messages", { exact: true }).waitFor();
    await messageOf(bob.page, "Line 1").waitFor();
    // Read is what is on screen, and nothing else, also of what was set aside to come back to.
    const unread = async () => {
      const [told = "0"] = await bob.page.getByText(/^\d+ unread messages?$/).allTextContents();
      return Number.parseInt(told, 10);
    };
    await expect.poll(unread).toBeLessThan(75);
    expect(await unread()).toBeGreaterThan(45);
    await tickOf(ada.page, "Line 75", "delivered").waitFor();
    await bob.page.getByRole("button", { name: "Scroll to the newest" }).click();
    await messageOf(bob.page, "Line 75").waitFor();
    await bob.page.getByRole("link", { name: /unread/ }).waitFor({ state: "hidden" });
    await tickOf(ada.page, "Line 75", "read").waitFor();

    // Each fills the screen, which nobody knows before it is drawn.
    await bob.page.getByRole("link", { name: "Settings" }).click();
    for (let n = 1; n <= 5; n++) await hers.send(conversation_id, `Page ${n}${"\n.".repeat(60)}`);
    await bob.page.getByRole("link", { name: /Ada.*5 unread/ }).click();
    await messageOf(bob.page, "Page 1").waitFor();
    await expect.poll(unread).toBe(4);
    await bob.page.getByRole("button", { name: "Scroll to the newest" }).click();
    await bob.page.getByRole("link", { name: /unread/ }).waitFor({ state: "hidden" });

    // At another device, which has nothing yet: older pages come in above while one reads. In a group, where how a message
    // looks depends on who spoke before.
    const third = await register(url);
    const { conversation_id: group } = await hers.createGroup("Tea", [his.user_id, third.user_id]);
    for (let n = 1; n <= 120; n++) await hers.send(group, `Word ${n}`);
    await his.markRead(group, 120);
    const { page, faults } = await stage.visit();
    await signIn(page, names.bob);
    // Whoever comes for what was said long ago has not seen what is new, however long it takes to get there.
    await page.route(/before_seq/, async (route) => {
      await page.getByRole("log").waitFor();
      await someFrames(page);
      await route.continue();
    });
    await bob.page.getByRole("link", { name: "Settings" }).click();
    await hers.send(conversation_id, "Line 76");
    await page.goto(`/c/${conversation_id}/3`);
    await page.locator("[data-marked]").getByText("Line 3", { exact: true }).waitFor();
    await someFrames(page);
    await page.getByRole("link", { name: /Ada.*1 unread/ }).waitFor();
    await page.unroute(/before_seq/);
    await page.getByRole("link", { name: /Tea.*Word 120/ }).click();
    await messageOf(page, "Word 120").waitFor();
    const log = page.getByRole("log");
    // Slowly, so that there is a time before.
    await page.route(/before_seq/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue();
    });
    await log.hover();
    await page.mouse.wheel(0, -1_500);
    await log.and(page.locator('[aria-busy="true"]')).waitFor();
    const key = await log.evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const shown = [...element.querySelectorAll<HTMLElement>("[data-message]")];
      return shown.find((one) => one.getBoundingClientRect().top > top + 100)?.dataset.message;
    });
    const place = () =>
      log.locator(`[data-message="${key}"]`).evaluate((element) => element.getBoundingClientRect().top);
    const before = await place();
    await log.and(page.locator('[aria-busy="false"]')).waitFor();
    expect(Math.abs((await place()) - before)).toBeLessThan(4);
    await page.unroute(/before_seq/);

    // What was said long ago is gone to at once, without all that lies between; and back.
    await page.keyboard.press("Control+f");
    await page.getByRole("searchbox", { name: "Search in this chat" }).fill('"Word 3"');
    await page.getByRole("list", { name: "Messages" }).getByRole("button").click();
    await page.locator("[data-marked]").getByText("Word 3", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await log.hover();
    await page.mouse.wheel(0, -20_000);
    await page.getByText("Word 1", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Scroll to the newest" }).click();
    await messageOf(page, "Word 120").waitFor();
    await page.goto(`/c/${group}/3`);
    await page.locator("[data-marked]").getByText("Word 3", { exact: true }).waitFor();
    expect(page.url()).toMatch(new RegExp(`/c/${group}$`));
    await write(page, "Here and now");
    await messageOf(page, "Here and now").waitFor();
    await messageOf(page, "Word 120").waitFor();
    expect([ada.faults, bob.faults, faults]).toEqual([[], [], []]);
  });
});
