import { describe, expect, it } from "vitest";
import { chatWith, messageOf, newName, PASSWORD, Stage, signUp, tickOf, write } from "./support/browser.ts";

const stage = Stage.set();

describe("people", () => {
  it("become friends, see each other, pass on what was said, and are kept away", async () => {
    const ada = await stage.visit();
    const bob = await stage.visit({ viewport: { width: 390, height: 844 } });
    const names = { ada: newName("ada"), bob: newName("bob") };
    await Promise.all([signUp(ada.page, names.ada, "Ada"), signUp(bob.page, names.bob, "Bob")]);

    // A stranger's first words are a request; nothing is told of reading them.
    await bob.page.goto("/settings");
    await bob.page.getByLabel("Who may write to you").selectOption("requests");
    await expect.poll(() => bob.page.getByLabel("Who may write to you").isEnabled()).toBe(true);
    await bob.page.getByRole("link", { name: "Back" }).click();
    await chatWith(ada.page, names.bob);
    await write(ada.page, "Do we know each other?");
    await bob.page.getByRole("button", { name: "Requests 1" }).click();
    await bob.page.getByRole("link", { name: /Ada/ }).click();
    await messageOf(bob.page, "Do we know").waitFor();
    await bob.page.getByRole("button", { name: "Accept" }).click();
    await tickOf(ada.page, "Do we know", "read").waitFor();

    // Friends see that the other is there.
    await ada.page.getByRole("button", { name: /^Bob/ }).click();
    await ada.page.getByRole("button", { name: "Add as a friend" }).click();
    await ada.page.getByRole("button", { name: "Withdraw" }).waitFor();
    await ada.page.keyboard.press("Escape");
    await bob.page.getByRole("link", { name: "Back" }).click();
    await bob.page.getByRole("link", { name: "People (1)" }).click();
    await bob.page.getByRole("button", { name: "Accept" }).click();
    await bob.page.getByText("online").waitFor();
    await ada.page.getByRole("button", { name: /^Bob.*online/ }).waitFor();

    // Passed on, with whose it was.
    await messageOf(ada.page, "Do we know").getByRole("button", { name: "Message actions" }).click();
    await ada.page.getByRole("menuitem", { name: "Forward" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Bob" }).click();
    await ada.page.getByText("Forwarded").waitFor();

    await ada.page.getByRole("button", { name: /^Bob/ }).click();
    await ada.page.getByRole("button", { name: "Block" }).click();
    await ada.page.getByRole("button", { name: "Unblock" }).waitFor();
    await ada.page.keyboard.press("Escape");
    await write(ada.page, "Are you there?");
    await messageOf(ada.page, "Are you there?").getByText("One of you has blocked the other").waitFor();
    await messageOf(ada.page, "Are you there?").getByRole("button", { name: "Discard" }).click();
    await messageOf(ada.page, "Are you there?").waitFor({ state: "detached" });
    expect([ada.faults, bob.faults]).toEqual([[], []]);
  });

  it("sign a lost device out, and use one window at a time", async () => {
    const lost = await stage.visit();
    const here = await stage.visit();
    const name = newName("ada");
    await signUp(lost.page, name, "Ada");
    await here.page.goto("/sign-in");
    await here.page.getByLabel("User name or e-mail").fill(name);
    await here.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await here.page.getByRole("button", { name: "Sign in" }).click();
    await here.page.getByRole("heading", { name: "Chats" }).waitFor();

    const window = await here.context.newPage();
    await window.goto("/settings");
    await here.page.getByText("UIM is open in another window").waitFor();

    await window.getByRole("button", { name: "Sign out there" }).click();
    await lost.page.getByText("Your session has ended").waitFor();
    await window.close();
    await here.page.getByRole("button", { name: "Use it here" }).click();
    await here.page.getByRole("heading", { name: "Chats" }).waitFor();
    expect([lost.faults, here.faults]).toEqual([[], []]);
  });
});
