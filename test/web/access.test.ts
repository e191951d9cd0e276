import { describe, expect, it } from "vitest";
import { axeFaults, chatWith, newName, PASSWORD, Stage, signUp, write } from "./support/browser.ts";

const stage = Stage.set();

describe("every screen, for everybody", () => {
  it("has no serious fault that axe knows of, in light and in dark", async () => {
    const { page, faults } = await stage.visit();
    const found: Record<string, string[]> = {};
    const check = async (screen: string) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        found[`${screen}, ${colorScheme}`] = await axeFaults(page);
      }
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
    await page.getByRole("button", { name: "Join" }).waitFor();
    await check("join");
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

  it("speaks Chinese, changes its theme, and shows its shortcuts", async () => {
    const { page, faults } = await stage.visit({ locale: "zh-CN" });
    await page.goto("/sign-up");
    await page.getByRole("heading", { name: "注册" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-Hans");
    await page.getByRole("button", { name: "English" }).click();
    await signUp(page, newName("ada"), "Ada");
    await page.goto("/settings");
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
