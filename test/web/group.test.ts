import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { messageOf, newName, Stage, signUp, write } from "./support/browser.ts";

const stage = Stage.set();

async function createGroup(page: Page, name: string, usernames: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: "New chat" }).first().click();
  await page.getByRole("menuitem", { name: "New group" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the group").fill(name);
  for (const username of usernames) {
    await dialog.getByRole("searchbox").fill(username);
    await dialog.getByRole("button", { name: `@${username}` }).click();
  }
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

describe("a group", () => {
  it("is made, joined by a link, tells who has read what, is managed by roles, renamed and left [DLV-6]", async () => {
    const [ada, bob, cyd, dan] = await Promise.all([0, 1, 2, 3].map(() => stage.visit()));
    if (!ada || !bob || !cyd || !dan) throw new Error("Somebody is missing");
    const names = { ada: newName("ada"), bob: newName("bob"), cyd: newName("cyd"), dan: newName("dan") };
    await Promise.all([
      signUp(ada.page, names.ada, "Ada"),
      signUp(bob.page, names.bob, "Bob"),
      signUp(cyd.page, names.cyd, "Cyd"),
    ]);
    await createGroup(ada.page, "Tea at four", [names.bob, names.cyd]);
    await ada.page.getByText("3 members, 3 online").waitFor();
    await bob.page.getByRole("link", { name: /Tea at four/ }).click();

    // A mention is completed from the members, and marked in the list.
    await bob.page.getByRole("textbox", { name: "Message" }).pressSequentially("@cyd");
    await bob.page.getByRole("option", { name: /Cyd/ }).waitFor();
    await bob.page.keyboard.press("Enter");
    await bob.page.keyboard.type("are you in?");
    await bob.page.keyboard.press("Enter");
    await cyd.page.getByRole("link", { name: /Tea at four.*mentioned/ }).waitFor();

    // Whoever comes by the link makes an account first, and is asked then.
    await ada.page.getByRole("button", { name: /Tea at four.*members/ }).click();
    await ada.page.getByRole("button", { name: "Make a link" }).click();
    const link = await ada.page.locator("[data-invite]").textContent();
    await dan.page.goto(new URL(link ?? "").pathname);
    await dan.page.getByLabel("User name").fill(names.dan);
    await dan.page.getByLabel("E-mail").fill(`${names.dan}@example.org`);
    await dan.page.getByLabel("Password", { exact: true }).fill("correct-horse-battery-9");
    await dan.page.getByRole("button", { name: "Create account" }).first().click();
    await dan.page.getByRole("button", { name: "Join" }).click();
    await write(dan.page, "Here I am");
    await messageOf(bob.page, "Here I am").waitFor();
    await bob.page.getByText(`${names.dan} joined by an invitation`).waitFor();

    // Who has read a message is told to its sender; who gives no receipts is not named.
    await dan.page.goto("/settings");
    await dan.page.getByRole("switch", { name: /Read receipts/ }).click();
    await expect.poll(() => dan.page.getByRole("switch", { name: /Read receipts/ }).isChecked()).toBe(false);
    await write(bob.page, "Who is in?");
    await dan.page.getByRole("link", { name: /Tea at four/ }).click();
    await messageOf(dan.page, "Who is in?").waitFor();
    await messageOf(bob.page, "Who is in?").hover();
    await messageOf(bob.page, "Who is in?").getByRole("button", { name: "Message actions" }).click();
    await bob.page.getByRole("menuitem", { name: "Message info" }).click();
    await bob.page.getByRole("list", { name: "Read by" }).getByText("Ada").waitFor();
    await bob.page.getByRole("list", { name: "Delivered to" }).getByText(names.dan).waitFor();
    expect(await bob.page.getByRole("list", { name: "Read by" }).getByText(names.dan).count()).toBe(0);
    await bob.page.keyboard.press("Escape");

    // The owner makes an admin, who renames the group; a member cannot.
    await ada.page.getByRole("button", { name: "Actions for Bob" }).click();
    await ada.page.getByRole("menuitem", { name: "Make an admin" }).click();
    await bob.page.getByText("Ada made you admin").waitFor();
    await bob.page.getByRole("button", { name: /Tea at four.*members/ }).click();
    await bob.page.getByRole("button", { name: "Rename" }).click();
    await bob.page.getByLabel("Name of the group").fill("Tea at five");
    await bob.page.getByRole("button", { name: "Save" }).click();
    await dan.page.getByRole("button", { name: /Tea at five.*members/ }).click();
    await dan.page.getByRole("dialog").getByText("Cyd", { exact: true }).waitFor();
    expect(await dan.page.getByRole("button", { name: "Rename" }).count()).toBe(0);

    await dan.page.getByRole("button", { name: "Leave the group" }).click();
    await dan.page.getByRole("dialog").last().getByRole("button", { name: "Leave the group" }).click();
    await dan.page.getByText("No chats yet").waitFor();

    await ada.page.getByRole("button", { name: "Actions for Cyd" }).click();
    await cyd.page.getByRole("link", { name: /Tea at five/ }).click();
    await ada.page.getByRole("menuitem", { name: "Remove from the group" }).click();
    await cyd.page.getByText("There is no such chat").waitFor();
    expect([ada, bob, cyd, dan].map(({ faults }) => faults)).toEqual([[], [], [], []]);
  });
});
