import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { chatWith, messageOf, newName, Stage, signUp, someFrames, tickOf, write } from "./support/browser.ts";

const stage = Stage.set();

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

describe("two people at their browsers", () => {
  it("sign up and chat both ways, with ticks, typing, edits, reactions, search and deletions", async () => {
    const ada = await stage.visit();
    const bob = await stage.visit();
    const names = { ada: newName("ada"), bob: newName("bob") };
    await Promise.all([signUp(ada.page, names.ada, "Ada Lovelace"), signUp(bob.page, names.bob, "Bob Kahn")]);

    await chatWith(ada.page, names.bob);
    await expect.poll(() => focused(ada.page)).toBe("Message");
    await write(ada.page, "Hello Bob, see https://example.org/a?b=c.");
    await tickOf(ada.page, "Hello Bob", "delivered").waitFor();
    await bob.page.getByRole("link", { name: /Ada Lovelace.*1 unread/ }).click();
    await messageOf(bob.page, "Hello Bob").waitFor();
    await tickOf(ada.page, "Hello Bob", "read").waitFor();
    const link = messageOf(bob.page, "Hello Bob").getByRole("link");
    expect(await link.getAttribute("href")).toBe("https://example.org/a?b=c");
    expect(await link.getAttribute("rel")).toContain("noopener");

    const reply = bob.page.getByRole("textbox", { name: "Message" });
    await reply.pressSequentially("Hi");
    // As Safari tells of the key with which an input method takes a word.
    await reply.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    await ada.page.getByRole("button", { name: /^Bob Kahn.*typing …/ }).waitFor();
    await ada.page.getByRole("link", { name: /Bob Kahn.*typing …/ }).waitFor();
    await bob.page.keyboard.type(" Ada <b>&amp;</b>");
    await bob.page.keyboard.press("Enter");
    await messageOf(ada.page, "Hi Ada <b>&amp;</b>").waitFor();

    await ada.page.getByRole("textbox", { name: "Message" }).focus();
    await ada.page.keyboard.press("ArrowUp");
    await write(ada.page, "Hello again");
    await messageOf(bob.page, "Hello again").getByText("edited").waitFor();

    await messageOf(bob.page, "Hello again").hover();
    await messageOf(bob.page, "Hello again").getByRole("button", { name: "React", exact: true }).click();
    await bob.page.getByRole("combobox", { name: "Find emoji" }).fill("rocket");
    await bob.page.keyboard.press("Enter");
    await messageOf(ada.page, "Hello again").getByRole("button", { name: "🚀, 1" }).waitFor();
    await messageOf(bob.page, "Hello again").getByRole("button", { name: "Message actions" }).click();
    await bob.page.getByRole("menuitem", { name: "React with 👍" }).click();
    await messageOf(ada.page, "Hello again").getByRole("button", { name: "👍, 1" }).waitFor();

    await write(ada.page, "Frist");
    await tickOf(ada.page, "Frist", "read").waitFor();
    await messageOf(ada.page, "Hi Ada").hover();
    await messageOf(ada.page, "Hi Ada").getByRole("button", { name: "Reply" }).click();
    const field = ada.page.getByRole("textbox", { name: "Message" });
    await field.fill("An answer !");

    // An edit takes nothing from what was begun before it; nor, answered late, from what is begun after it.
    const edit = async (content: string) => {
      await messageOf(ada.page, content).getByRole("button", { name: "Message actions" }).click();
      await ada.page.getByRole("menuitem", { name: "Edit" }).click();
    };
    const isBegun = Promise.withResolvers<void>();
    const late = async (route: Route) => {
      await isBegun.promise;
      await route.continue();
    };
    await ada.page.route("**/messages/*", late, { times: 1 });
    const answer = ada.page.waitForResponse("**/messages/*");
    await edit("Frist");
    await write(ada.page, "First");
    await edit("Hello again");
    await field.fill("Hello again, Bob");
    isBegun.resolve();
    await (await answer).finished();
    await someFrames(ada.page);
    await field.press("!");
    await field.press("Enter");
    await messageOf(bob.page, "Hello again, Bob!").waitFor();
    await messageOf(bob.page, "First").waitFor();
    await expect.poll(() => field.inputValue()).toBe("An answer !");
    await field.press("ArrowLeft");
    await ada.page.getByRole("button", { name: "Emoji" }).click();
    await ada.page.getByRole("combobox", { name: "Find emoji" }).press("ArrowRight");
    await ada.page.keyboard.press("Enter");
    await ada.page.keyboard.press("Enter");
    await messageOf(bob.page, "An answer ❤️!").getByText("Hi Ada").waitFor();

    // Among the messages of this chat, and of all of them, with the keys alone.
    await bob.page.keyboard.press("Control+f");
    await bob.page.getByRole("searchbox", { name: "Search in this chat" }).fill("hello see");
    await bob.page.getByText("Nothing found").waitFor();
    await bob.page.getByRole("searchbox", { name: "Search in this chat" }).fill("hel");
    const found = bob.page.getByRole("search", { name: "Search in this chat" });
    await expect.poll(() => found.locator("mark").allTextContents()).toEqual(["Hel"]);
    await bob.page.keyboard.press("ArrowDown");
    await bob.page.keyboard.press("Enter");
    await messageOf(bob.page, "Hello again").and(bob.page.locator("[data-marked]")).waitFor();
    await bob.page.keyboard.press("Escape");
    await found.waitFor({ state: "detached" });
    await bob.page.keyboard.press("Control+k");
    await bob.page.keyboard.type("answ");
    const hits = bob.page.getByRole("list", { name: "Messages" }).getByRole("link");
    await expect.poll(() => hits.allTextContents()).toEqual([expect.stringContaining("An answer")]);
    await bob.page.keyboard.press("ArrowDown");
    await bob.page.keyboard.press("Enter");
    await messageOf(bob.page, "An answer").and(bob.page.locator("[data-marked]")).waitFor();
    await bob.page.getByRole("searchbox", { name: "Search chats and messages" }).fill("");

    // A new chat with somebody whose chat is there already is this one.
    await chatWith(ada.page, names.bob);
    await ada.page.getByRole("dialog").waitFor({ state: "detached" });
    await someFrames(ada.page);
    expect(await focused(ada.page)).toBe("Message");

    // A dialog gives the focus back: to the button of the menu that it came from, before and after it is loaded for good.
    const actions = messageOf(ada.page, "Hello again").getByRole("button", { name: "Message actions" });
    for (let times = 0; times < 2; times++) {
      await actions.press("Enter");
      await ada.page.getByRole("menuitem", { name: "Forward" }).press("Enter");
      await ada.page.getByRole("dialog", { name: "Forward to …" }).waitFor();
      await ada.page.keyboard.press("Escape");
      await expect.poll(() => focused(ada.page)).toBe("Message actions");
    }
    await actions.click();
    await ada.page.getByRole("menuitem", { name: "Delete" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Delete for everybody" }).click();
    await messageOf(bob.page, "This message was deleted").waitFor();
    await expect.poll(() => focused(ada.page)).toBe("Bob Kahn");

    // For oneself alone: gone here, also after a reload, and still there for the other.
    await messageOf(bob.page, "An answer").getByRole("button", { name: "Message actions" }).click();
    await bob.page.getByRole("menuitem", { name: "Delete" }).click();
    expect(await bob.page.getByRole("button", { name: "Delete for everybody" }).count()).toBe(0);
    await bob.page.getByRole("dialog").getByRole("button", { name: "Delete for me" }).click();
    await messageOf(bob.page, "An answer").waitFor({ state: "detached" });
    await bob.page.reload();
    await messageOf(bob.page, "This message was deleted").waitFor();
    expect(await messageOf(bob.page, "An answer").count()).toBe(0);
    expect(await messageOf(ada.page, "An answer").count()).toBe(1);
    expect([ada.faults, bob.faults]).toEqual([[], []]);
  });
});
