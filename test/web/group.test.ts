import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { login } from "../support/server/client.ts";
import { messageOf, newName, PASSWORD, Stage, signUp, write } from "./support/browser.ts";
import { PICTURE, servePicture } from "./support/pictures.ts";

const stage = Stage.set();

/** What stands in place of a chat; a note of the same words may come and go beside it. */
function noSuchChat(page: Page) {
  return page.getByRole("paragraph").filter({ hasText: "There is no such chat" });
}

/** Signs up, and is online: who comes after a group was counted is in the next count, half a minute later. */
async function arrive(page: Page, username: string, name: string): Promise<void> {
  const connected = page.waitForEvent("websocket").then((socket) => socket.waitForEvent("framereceived"));
  await Promise.all([connected, signUp(page, username, name)]);
}

/** Makes an invitation in the details that are open, and answers where it leads to. */
async function makeLink(page: Page, terms: { limit?: string; expiry?: string } = {}): Promise<string> {
  await page.getByRole("button", { name: "Make a link" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a link" });
  if (terms.limit) await dialog.getByLabel("How many can join by it").selectOption(terms.limit);
  if (terms.expiry) await dialog.getByLabel("Expires after").selectOption(terms.expiry);
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await dialog.waitFor({ state: "detached" });
  const link = await page.locator("[data-invite]").first().getAttribute("data-invite");
  return new URL(link ?? "").pathname;
}

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
  it("is made, joined by a link, tells who has read what, is managed by roles, left, joined anew and deleted [DLV-6]", async () => {
    const [ada, bob, cyd, dan] = await Promise.all([0, 1, 2, 3].map(() => stage.visit()));
    if (!ada || !bob || !cyd || !dan) throw new Error("Somebody is missing");
    const names = { ada: newName("ada"), bob: newName("bob"), cyd: newName("cyd"), dan: newName("dan") };
    await Promise.all([
      arrive(ada.page, names.ada, "Ada"),
      arrive(bob.page, names.bob, "Bob"),
      arrive(cyd.page, names.cyd, "Cyd"),
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
    const link = await makeLink(ada.page, { limit: "1", expiry: "1 hour" });
    await ada.page.getByText("0 of 1 joined").waitFor();
    await dan.page.goto(link);
    await dan.page.getByLabel("User name").fill(names.dan);
    await dan.page.getByLabel("E-mail").fill(`${names.dan}@example.org`);
    await dan.page.getByLabel("Password", { exact: true }).fill("correct-horse-battery-9");
    await dan.page.getByRole("button", { name: "Create account" }).first().click();
    await dan.page.getByRole("heading", { name: "Tea at four" }).waitFor();
    await dan.page.getByText("3 members").waitFor();
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
    const reader = await login(stage.server.url, { username: names.dan, password: PASSWORD });
    const conversation_id = dan.page.url().split("/").at(-1) ?? "";
    await expect.poll(async () => (await reader.inboxRow(conversation_id)).unread_count).toBe(0);
    await messageOf(bob.page, "Who is in?").hover();
    await messageOf(bob.page, "Who is in?").getByRole("button", { name: "Message actions" }).click();
    await bob.page.getByRole("menuitem", { name: "Message info" }).click();
    await bob.page.getByRole("list", { name: "Read by" }).getByText("Ada").waitFor();
    await bob.page.getByRole("list", { name: "Delivered to" }).getByText(names.dan).waitFor();
    expect(await bob.page.getByRole("list", { name: "Read by" }).getByText(names.dan).count()).toBe(0);
    await bob.page.keyboard.press("Escape");
    await dan.page.goto(link);
    await dan.page.getByText("You are in this group already").waitFor();
    await dan.page.getByRole("button", { name: "Open the chat" }).click();

    // The owner makes an admin, who renames the group; a member cannot.
    const referrers = await servePicture(dan.context);
    await ada.page.getByRole("button", { name: "Actions for Bob" }).click();
    await ada.page.getByRole("menuitem", { name: "Make an admin" }).click();
    await bob.page.getByText("Ada made you admin").waitFor();
    await bob.page.getByRole("button", { name: /Tea at four.*members/ }).click();
    await bob.page.getByRole("button", { name: "Edit the group" }).click();
    await bob.page.getByLabel("Name of the group").fill("Tea at five");
    await bob.page.getByLabel("Picture").fill("http://pictures.example.org/tea.png");
    await bob.page.getByLabel("Description").focus();
    await bob.page.getByText("An address that begins with https://").waitFor();
    expect(await bob.page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await servePicture(bob.context);
    await bob.page.getByLabel("Picture").fill(PICTURE);
    await bob.page.getByRole("button", { name: "Save" }).click();
    await dan.page.getByRole("button", { name: /Tea at five.*members/ }).click();
    await dan.page.getByRole("dialog").getByText("Cyd", { exact: true }).waitFor();
    expect(await dan.page.getByRole("button", { name: "Edit the group" }).count()).toBe(0);

    // The picture comes from elsewhere, where nothing is told of this page.
    const pictures = dan.page.locator(`img[src="${PICTURE}"]`);
    await expect
      .poll(() => pictures.first().evaluate((image) => "naturalWidth" in image && image.naturalWidth))
      .toBe(1);
    expect(new Set(referrers)).toEqual(new Set([undefined]));

    await dan.page.getByRole("button", { name: "Leave the group" }).click();
    await dan.page.getByRole("dialog").last().getByRole("button", { name: "Leave the group" }).click();
    await dan.page.getByText("No chats yet").waitFor();

    await ada.page.getByRole("button", { name: "Actions for Cyd" }).click();
    await cyd.page.getByRole("link", { name: /Tea at five/ }).click();
    await ada.page.getByRole("menuitem", { name: "Remove from the group" }).click();
    await noSuchChat(cyd.page).waitFor();

    // Those who were in it come back: added by who manages it, or by another invitation, until that is revoked.
    await ada.page.getByRole("button", { name: "Add", exact: true }).click();
    const adding = ada.page.getByRole("dialog", { name: "Add members" });
    await adding.getByRole("searchbox").fill(names.dan);
    await adding.getByRole("button", { name: `@${names.dan}` }).click();
    await adding.getByRole("button", { name: "Add" }).click();
    await dan.page.getByRole("link", { name: /Tea at five/ }).click();
    await dan.page.getByText(/Ada added you/).waitFor();
    // Whoever wants no pictures has initials.
    await pictures.first().waitFor();
    await dan.page.getByRole("link", { name: "Settings" }).click();
    await dan.page.getByRole("switch", { name: "Show pictures" }).click();
    await pictures.first().waitFor({ state: "detached" });
    await dan.page.getByRole("link", { name: /Tea at five/ }).click();
    await cyd.page.goto(link);
    await cyd.page.getByText("This invitation is not good any more").waitFor();
    await cyd.page.goto(await makeLink(ada.page));
    await cyd.page.getByRole("button", { name: "Join" }).click();
    await write(cyd.page, "Back again");
    await messageOf(bob.page, "Back again").waitFor();
    await ada.page.getByRole("button", { name: "Revoke" }).click();
    await ada.page.getByRole("dialog", { name: "Revoke" }).getByRole("button", { name: "Revoke" }).click();
    await ada.page.locator("[data-invite]").waitFor({ state: "detached" });

    await ada.page.getByRole("button", { name: "Delete the group" }).click();
    await ada.page.getByRole("dialog").last().getByRole("button", { name: "Delete the group" }).click();
    for (const { page } of [bob, cyd, dan]) await noSuchChat(page).waitFor();
    await ada.page.getByText("No chats yet").waitFor();
    expect([ada, bob, cyd, dan].map(({ faults }) => faults)).toEqual([[], [], [], []]);
  });
});
