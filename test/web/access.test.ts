import { describe, expect, it } from "vitest";
import { memberSchema } from "../../src/protocol/conversation.ts";
import { inviteSchema } from "../../src/protocol/invite.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { register } from "../support/server/client.ts";
import {
  axeFaults,
  chatWith,
  newName,
  PASSWORD,
  Stage,
  signUp,
  someFrames,
  write,
} from "./support/browser.ts";

const stage = Stage.set();

describe("every screen, for everybody", () => {
  it("has no serious fault that axe knows of, in light and in dark", async () => {
    const { page, faults } = await stage.visit();
    const found: Record<string, string[]> = {};
    const check = async (screen: string) => {
      await page.emulateMedia({ colorScheme: "light" });
      found[screen] = await axeFaults(page);
      // In the dark nothing but the colours is another.
      await page.emulateMedia({ colorScheme: "dark" });
      found[`${screen}, dark`] = await axeFaults(page, ["color-contrast"]);
    };
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await check("sign in");
    const [ada, bob] = [newName("ada"), newName("bob")];
    const other = await stage.visit();
    await signUp(other.page, bob, "Bob");
    await signUp(page, ada, "Ada");
    await check("empty inbox");
    await page.getByRole("button", { name: "New chat" }).first().click();
    await check("menu");
    await page.keyboard.press("Escape");
    await chatWith(page, bob);
    await write(page, "Hello https://example.org");
    await page.locator('[data-status="delivered"]').first().waitFor();
    await check("conversation");
    await page.getByRole("log").locator("article").first().hover();
    await page.getByRole("button", { name: "Message actions" }).click();
    await check("message menu");
    await page.getByRole("menuitem", { name: "Message info" }).click();
    await page.getByRole("list", { name: "Delivered to" }).getByText("Bob").waitFor();
    await check("message info");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Emoji" }).click();
    await page.getByRole("option", { name: "grinning face", exact: true }).waitFor();
    await page.getByRole("button", { name: "Skin tone" }).click();
    await page.getByRole("radio", { name: "Medium-dark" }).check();
    await page.getByRole("combobox", { name: "Find emoji" }).fill("thumbs");
    await page.getByRole("option", { name: "thumbs up" }).getByText("👍🏾").waitFor();
    await check("emoji");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Search in this chat" }).click();
    await check("empty search");
    await page.getByRole("searchbox", { name: "Search in this chat" }).fill("hello");
    await page.getByRole("list", { name: "Messages" }).getByRole("button").waitFor();
    await check("search");
    await page.keyboard.press("Escape");
    await page.getByRole("searchbox", { name: "Search chats and messages" }).fill("hello");
    await page.getByRole("list", { name: "Messages" }).getByRole("link").waitFor();
    await check("search everywhere");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Bob/ }).click();
    await page.getByRole("button", { name: "Add as a friend" }).waitFor();
    await check("details");
    await page.keyboard.press("Escape");
    await page.goto("/settings");
    await page.getByText("This device").waitFor();
    await check("settings");
    await page.goto("/people");
    await page.getByText("No friends yet").waitFor();
    await check("people");
    await page.goto("/join/some-code");
    await page.getByText("This invitation is not good any more").waitFor();
    await check("no invitation");
    const [owner, cyd, dan] = await Promise.all([0, 1, 2].map(() => register(stage.server.url)));
    if (!owner || !cyd || !dan) throw new Error("Somebody is missing");
    const { conversation_id } = await owner.createGroup("Tea", [cyd.user_id, dan.user_id]);
    const path = `/api/conversations/${conversation_id}`;
    const { code } = await owner.call(inviteSchema, "POST", `${path}/invites`, {});
    await page.goto(`/join/${code}`);
    await page.getByRole("heading", { name: "Tea" }).waitFor();
    await check("join");
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByText("You joined by an invitation").waitFor();
    const { items } = await owner.call(pageSchema(memberSchema), "GET", `${path}/members`);
    const newest = items.find(({ user_id }) => ![owner, cyd, dan].some((one) => one.user_id === user_id));
    await owner.request("PATCH", `${path}/members/${newest?.user_id}`, { role: "admin" });
    await page.getByText(/made you admin/).waitFor();
    await page.getByRole("button", { name: /^Tea.*members/ }).click();
    await page.getByText("1 joined").waitFor();
    await check("group details");
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByLabel("Expires after").waitFor();
    await check("new invitation");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Edit the group" }).click();
    await page.getByLabel("Picture").waitFor();
    await check("edit group");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("main").getByRole("button", { name: "Actions for Tea" }).click();
    await page.getByRole("menuitem", { name: "Mute …" }).click();
    await page.getByRole("button", { name: "For 1 hour" }).waitFor();
    await check("mute");
    await page.getByRole("button", { name: "For 8 hours" }).click();
    await page.getByRole("main").getByRole("button", { name: "Actions for Tea" }).click();
    await page.getByRole("menuitem", { name: /^Unmute Muted until/ }).waitFor();
    await check("menu of a muted chat");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto("/");
    await page.getByRole("list", { name: "Chats" }).waitFor();
    await check("inbox on a phone");
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(360);
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((screen) => [screen, []])));
    expect(faults).toEqual([]);
  });

  it("says what was wrong with a sign-in, and focuses what was wrong with a new account", async () => {
    const { page } = await stage.visit();
    const name = newName("ada");
    await signUp(page, name, "Ada");
    const other = await stage.visit();
    await other.page.goto("/sign-in");
    await other.page.getByLabel("User name or e-mail").fill(name);
    await other.page.getByLabel("Password", { exact: true }).fill("not the password");
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByRole("alert").getByText("Wrong name or password").waitFor();
    await other.page.getByRole("button", { name: "Create account" }).click();
    await other.page.getByLabel("User name", { exact: true }).fill(name);
    await other.page.getByLabel("E-mail").fill("somebody@example.org");
    await other.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await other.page.getByRole("button", { name: "Create account" }).first().click();
    await other.page.getByText("This user name is taken").waitFor();
    await expect
      .poll(() => other.page.evaluate(() => document.activeElement?.getAttribute("name")))
      .toBe("username");
  });

  it("speaks Chinese, changes its theme, shows its shortcuts, and goes on without what cannot be loaded", async () => {
    // Where nothing is kept, a part of the page that is not loaded yet needs the network.
    const { page, faults } = await stage.visit({ locale: "zh-CN", serviceWorkers: "block" });
    await page.goto("/sign-up");
    await page.getByRole("heading", { name: "注册" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-Hans");
    await page.getByRole("button", { name: "English" }).click();
    await signUp(page, newName("ada"), "Ada");
    const parts = /\/assets\/(?:frame|settings-pane|shortcuts-dialog)-/;
    await page.route(parts, (route) => route.abort());
    await page.getByRole("link", { name: "Settings" }).click();
    const content = page.getByRole("main").getByRole("alert");
    await content.getByText("The server cannot be reached").waitFor();
    await page.locator("body").press("?");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Close" }).waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Chats" }).waitFor();
    await page.reload();
    await content.getByText("The server cannot be reached").waitFor();
    expect(await page.getByRole("heading", { name: "Chats" }).count()).toBe(0);
    await page.unroute(parts);
    await content.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Profile" }).waitFor();

    // What is begun stays when the page asks again what it stands in, as after a break, and is refused.
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("Ada Lovelace");
    const body = JSON.stringify({ code: "forbidden" });
    await page.route("**/api/users/me", (route) => route.fulfill({ status: 403, body }));
    const refusal = page.waitForResponse("**/api/users/me");
    await page.evaluate(() => ["offline", "online"].map((name) => dispatchEvent(new Event(name))));
    await (await refusal).finished();
    await someFrames(page);
    expect(await name.inputValue()).toBe("Ada Lovelace");
    await page.unroute("**/api/users/me");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel("Theme").selectOption("dark");
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.getByLabel("Theme").waitFor();
    expect(await ground()).not.toBe(light);
    await page.locator("body").press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Search in this chat").waitFor();
    expect(faults).toEqual([]);
  });
});
