import { describe, expect, it } from "vitest";
import { login, register } from "../support/server/client.ts";
import {
  chatWith,
  messageOf,
  newName,
  PASSWORD,
  Stage,
  signIn,
  signUp,
  tickOf,
  type Visitor,
  write,
} from "./support/browser.ts";
import { recordCloseWatchers } from "./support/close-watchers.ts";
import { beginDraft, whatIsKept } from "./support/kept.ts";
import { recordNotifications } from "./support/notifications.ts";
import { PICTURE, servePicture } from "./support/pictures.ts";
import { writeBehind } from "./support/write-behind.ts";

const stage = Stage.set();

/**
 * Somebody writes to him, puts him into a group, and would be a friend; he has settings as they are by default, and a phone. By a picture
 * of theirs they would learn where he is.
 */
async function meetStranger({ page, context }: Visitor, username: string): Promise<void> {
  const { url } = stage.server;
  const pictures = {
    own: "https://pictures.example.org/eve.png",
    group: "https://pictures.example.org/free.png",
  };
  const own = await servePicture(context, pictures.own);
  const group = await servePicture(context, pictures.group);
  const [eve, gil, { user_id }] = await Promise.all([
    register(url),
    register(url),
    login(url, { username, password: PASSWORD }),
  ]);
  await eve.request("PUT", "/api/users/me", { avatar_url: pictures.own });
  const chat = await eve.createOneOnOne(user_id);
  await eve.send(chat.conversation_id, "Look who is here");
  const { conversation_id } = await eve.createGroup("Free tea", [user_id, gil.user_id]);
  await eve.request("PUT", `/api/conversations/${conversation_id}`, { avatar_url: pictures.group });
  await eve.send(conversation_id, "All are welcome");
  await eve.request("POST", "/api/friends", { user_id });

  const back = page.getByRole("link", { name: "Back" });
  // Who goes back before the first frame is over has read nothing.
  const hasUnread = (title: string) => expect.poll(() => page.title()).toBe(title);
  await hasUnread("(2) UIM");
  await page.getByRole("link", { name: /Look who is here/ }).click();
  await messageOf(page, "Look who is here").waitFor();
  await hasUnread("(1) UIM");
  await back.click();
  await page.getByRole("link", { name: /Free tea.*All are welcome/ }).click();
  await messageOf(page, "All are welcome").waitFor();
  await hasUnread("UIM");
  const length = () => page.evaluate(() => history.length);
  const there = await length();
  // Once more before the browser has done it leads no further.
  await back.evaluate((link) => {
    for (let time = 0; time < 2; time++)
      link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  });
  await page.getByRole("link", { name: "People (1)" }).click();
  await page.getByRole("button", { name: "Accept" }).waitFor();
  // Whoever went there and back has left nothing that a phone's way back would lead through.
  expect(await length()).toBe(there);
  expect([own, group]).toEqual([[], []]);

  // What a friend has set is fetched, and what is set where he takes part.
  await page.getByRole("button", { name: "Accept" }).click();
  await expect.poll(() => own.length).toBeGreaterThan(0);
  await back.click();
  await page.getByRole("list", { name: "Chats" }).locator(`img[src="${pictures.own}"]`).waitFor();
  expect(group).toEqual([]);
  await page.getByRole("link", { name: /Free tea/ }).click();
  await write(page, "Thank you");
  await expect.poll(() => group.length).toBeGreaterThan(0);
}

/** Without a connection for a while: meanwhile she reads on another device what a friend writes, and somebody writes for the first time. */
async function missMessages(
  { page }: Visitor,
  told: Awaited<ReturnType<typeof recordNotifications>>,
  [own, friends]: readonly [string, string],
): Promise<void> {
  const { url } = stage.server;
  const [hers, his, eve] = await Promise.all([
    login(url, { username: own, password: PASSWORD }),
    login(url, { username: friends, password: PASSWORD }),
    register(url),
  ]);
  const conversation_id = page.url().split("/").at(-1) ?? "";
  await page.route("**/api/connect", (route) => route.abort());
  await page.reload();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  await page.evaluate(async () => void (await Notification.requestPermission()));
  await told.hide(true);
  const { seq } = await his.send(conversation_id, "Read elsewhere");
  await hers.markRead(conversation_id, seq);
  const chat = await eve.createOneOnOne(hers.user_id);
  await eve.send(chat.conversation_id, "For the first time");
  await page.unroute("**/api/connect");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expect.poll(told.shown).toEqual([expect.stringMatching(/: For the first time$/)]);
  await hers.markRead(chat.conversation_id, 1);
  await expect.poll(told.open).toBe(0);
  await told.hide(false);
}

describe("people", () => {
  it("become friends, hear of each other or not, pass on what was said, and are kept away", async () => {
    const ada = await stage.visit();
    const told = await recordNotifications(ada.page);
    const bob = await stage.visit({ viewport: { width: 390, height: 844 } });
    const goBack = await recordCloseWatchers(bob.page);
    const names = { ada: newName("ada"), bob: newName("bob") };
    await Promise.all([signUp(ada.page, names.ada, "Ada"), signUp(bob.page, names.bob, "Bob")]);

    await meetStranger(bob, names.bob);

    // Where they are to be asked for, a stranger's first words are a request; nothing is told of reading them.
    await bob.page.goto("/settings");
    await bob.page.getByLabel("Who may write to you").selectOption("requests");
    await expect.poll(() => bob.page.getByLabel("Who may write to you").isEnabled()).toBe(true);
    await bob.page.getByRole("link", { name: "Back" }).click();
    const fetched = await servePicture(bob.context);
    await servePicture(ada.context);
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await ada.page.getByRole("textbox", { name: "Picture" }).fill(PICTURE);
    await ada.page.getByRole("button", { name: "Save" }).click();
    await ada.page.getByText("Saved").first().waitFor();
    await chatWith(ada.page, names.bob);
    await write(ada.page, "Do we know each other?");
    await bob.page.getByRole("button", { name: "Requests 1" }).click();
    await bob.page.getByRole("link", { name: /Ada/ }).click();
    await messageOf(bob.page, "Do we know").waitFor();
    // Nor is her picture fetched, by which she would learn as much.
    expect(fetched).toEqual([]);
    await bob.page.getByRole("button", { name: "Accept" }).click();
    await expect.poll(() => fetched.length).toBeGreaterThan(0);
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

    // Nobody is asked to allow notifications before they want some.
    const row = ada.page.getByRole("list", { name: "Chats" }).getByRole("listitem");
    const choose = async (action: string) => {
      await row.getByRole("button", { name: "Actions for Bob" }).click();
      await ada.page.getByRole("menuitem", { name: action }).click();
    };
    expect(await told.asked()).toBe(0);
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await ada.page.getByRole("switch", { name: "Show notifications" }).click();
    await expect.poll(told.asked).toBe(1);
    await ada.page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await bob.page.getByRole("link", { name: "Back" }).click();
    await bob.page.getByRole("link", { name: /Ada/ }).click();
    await write(bob.page, "While you look");
    await row.getByText("While you look").waitFor();
    await told.hide(true);
    await write(bob.page, "While you are away");
    await expect.poll(told.shown).toEqual(["Bob: While you are away"]);

    // Pinned, and in the archive until somebody writes; muted, it stays there and is silent.
    await choose("Pin to the top");
    await row.getByRole("img", { name: "Pinned" }).waitFor();
    await choose("Archive");
    await ada.page.getByRole("button", { name: "Archived 1" }).click();
    await write(bob.page, "Out of the archive");
    await ada.page.getByRole("button", { name: "Archived 1" }).waitFor({ state: "detached" });
    await choose("Mute …");
    await ada.page.getByRole("dialog").getByRole("button", { name: "For 1 hour" }).click();
    await row.getByRole("img", { name: /^Muted until/ }).waitFor();
    await choose("Archive");
    await write(bob.page, "Into the silence");
    await ada.page.getByRole("button", { name: "Archived 1" }).click();
    await row.getByText("Into the silence").waitFor();
    await choose("Move out of the archive");
    await choose("Unmute");
    await row.getByRole("img", { name: /Muted/ }).waitFor({ state: "detached" });
    await write(bob.page, "Aloud");
    await expect
      .poll(told.shown)
      .toEqual(["Bob: While you are away", "Bob: Out of the archive", "Bob: Aloud"]);
    expect(await told.open()).toBe(3);
    await told.hide(false);
    await told.clickLast();
    await expect.poll(told.open).toBe(0);

    await writeBehind(bob.page, ada.page, goBack);
    await missMessages(ada, told, [names.ada, names.bob]);

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

    // What is unread is nobody's business once its user has signed out.
    await choose("Mark as unread");
    await expect.poll(told.badge).toBe(1);
    await told.show();
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect.poll(async () => [await told.badge(), await told.open()]).toEqual([0, 0]);
    expect([ada.faults, bob.faults]).toEqual([[], []]);
  });

  it("sign a lost device out, use one window at a time, and change a password that is known", async () => {
    const lost = await stage.visit();
    const here = await stage.visit();
    const name = newName("ada");
    await signUp(lost.page, name, "Ada");
    await signIn(here.page, name);

    await here.page.locator("body").press("?");
    await here.page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    const window = await here.context.newPage();
    await window.goto("/settings");
    await here.page.getByText("UIM is open in another window").waitFor();
    expect(await here.page.locator("[role=dialog], nav, ul, input, h1").count()).toBe(0);

    // What a device has kept that is signed out from elsewhere goes.
    await lost.page.getByRole("button", { name: "New chat" }).first().waitFor();
    await beginDraft(lost.page);
    expect(await whatIsKept(lost.page)).toMatchObject({ isEmpty: false, drafts: 1 });
    await window.getByRole("button", { name: "Sign out there" }).click();
    await lost.page.getByText("Your session has ended").waitFor();
    await expect.poll(() => whatIsKept(lost.page)).toEqual({ isEmpty: true, drafts: 0 });
    await window.close();
    await here.page.getByRole("button", { name: "Use it here" }).click();
    await here.page.getByRole("heading", { name: "Chats" }).waitFor();

    // Whoever has the old password is out, and does not come in again with it. Nor does a page keep anything that was closed then.
    await signIn(lost.page, name);
    await beginDraft(lost.page);
    await lost.page.goto("about:blank");
    const next = `${PASSWORD}-changed`;
    await here.page.goto("/settings");
    await here.page.getByLabel("Current password").fill(PASSWORD);
    await here.page.getByLabel("New password").fill(next);
    const changed = here.page.waitForResponse(/\/api\/auth\/password/);
    await here.page.getByRole("button", { name: "Change password" }).click();
    await changed;
    await lost.page.goto("/");
    await lost.page.getByText("Your session has ended").waitFor();
    await expect.poll(() => whatIsKept(lost.page)).toEqual({ isEmpty: true, drafts: 0 });
    await expect(signIn(lost.page, name)).rejects.toThrow("Wrong name or password");
    await signIn(lost.page, name, next);
    await here.page.getByText("This device").waitFor();
    expect([lost.faults, here.faults]).toEqual([[], []]);
  });
});
