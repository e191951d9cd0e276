import { describe, expect, it } from "vitest";
import { chatWith, messageOf, newName, Stage, signUp, tickOf, write } from "./support/browser.ts";

const stage = Stage.set();

describe("two people at their browsers", () => {
  it("sign up and chat both ways, with ticks, typing, edits, reactions and deletions", async () => {
    const ada = await stage.visit();
    const bob = await stage.visit();
    const names = { ada: newName("ada"), bob: newName("bob") };
    await Promise.all([signUp(ada.page, names.ada, "Ada Lovelace"), signUp(bob.page, names.bob, "Bob Kahn")]);

    await chatWith(ada.page, names.bob);
    await write(ada.page, "Hello Bob, see https://example.org/a?b=c.");
    await tickOf(ada.page, "Hello Bob", "delivered").waitFor();
    await bob.page.getByRole("link", { name: /Ada Lovelace.*1 unread/ }).click();
    await messageOf(bob.page, "Hello Bob").waitFor();
    await tickOf(ada.page, "Hello Bob", "read").waitFor();
    const link = messageOf(bob.page, "Hello Bob").getByRole("link");
    expect(await link.getAttribute("href")).toBe("https://example.org/a?b=c");
    expect(await link.getAttribute("rel")).toContain("noopener");

    await bob.page.getByRole("textbox", { name: "Message" }).pressSequentially("Hi");
    await ada.page.getByText("typing …").waitFor();
    await bob.page.keyboard.type(" Ada <b>&amp;</b>");
    await bob.page.keyboard.press("Enter");
    await messageOf(ada.page, "Hi Ada <b>&amp;</b>").waitFor();

    await ada.page.getByRole("textbox", { name: "Message" }).focus();
    await ada.page.keyboard.press("ArrowUp");
    await write(ada.page, "Hello again");
    await messageOf(bob.page, "Hello again").getByText("edited").waitFor();

    await messageOf(bob.page, "Hello again").hover();
    await messageOf(bob.page, "Hello again").getByRole("button", { name: "React", exact: true }).click();
    await bob.page.getByRole("button", { name: "React with 👍" }).click();
    await messageOf(ada.page, "Hello again").getByRole("button", { name: "👍, 1" }).waitFor();

    await messageOf(ada.page, "Hi Ada").hover();
    await messageOf(ada.page, "Hi Ada").getByRole("button", { name: "Reply" }).click();
    await write(ada.page, "An answer");
    await messageOf(bob.page, "An answer").getByText("Hi Ada").waitFor();

    await messageOf(ada.page, "Hello again").getByRole("button", { name: "Message actions" }).click();
    await ada.page.getByRole("menuitem", { name: "Delete" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Delete for everybody" }).click();
    await messageOf(bob.page, "This message was deleted").waitFor();

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
