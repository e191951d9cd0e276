import type { Page } from "playwright-core";
import { expect } from "vitest";
import { someFrames, tickOf, write } from "./browser.ts";

const UPRIGHT = { width: 390, height: 844 };
const ACROSS = { width: 844, height: 390 };

/** What comes while something lies over the chat, which has the whole of a phone, is read when it is seen. */
export async function writeBehind(page: Page, writer: Page, goBack: () => Promise<void>): Promise<void> {
  const openSearch = () => page.getByRole("button", { name: "Search in this chat" }).click();
  const openDetails = () => page.getByRole("button", { name: /^Ada/ }).click();
  const settings = page.getByRole("dialog", { name: "Notifications" });
  const openSettings = async () => {
    await openDetails();
    await page.getByRole("button", { name: "Change" }).click();
    await settings.waitFor();
  };
  // One after the other, the topmost first, also after the phone was held across, where both have the page beside them.
  const goBackTwice = async () => {
    for (const size of [ACROSS, UPRIGHT]) {
      await page.setViewportSize(size);
      await someFrames(page);
    }
    await goBack();
    await settings.waitFor({ state: "detached" });
    await page.getByRole("dialog", { name: "About this person" }).waitFor();
    await goBack();
  };
  // As in a browser that tells nobody of its way back.
  const openUnwatched = async () => {
    await page.evaluate(() => Reflect.deleteProperty(window, "CloseWatcher"));
    await openDetails();
  };
  const layers = [
    { content: "Behind the search", open: openSearch, close: goBack },
    { content: "Behind the details", open: openDetails, close: goBack },
    { content: "Behind both", open: openSettings, close: goBackTwice },
    { content: "Once more", open: openUnwatched, close: () => page.keyboard.press("Escape") },
  ];
  for (const { content, open, close } of layers) {
    await open();
    await page.getByRole("button", { name: "Close" }).waitFor();
    await write(writer, content);
    await page.locator("[data-message]", { hasText: content }).waitFor();
    await someFrames(page);
    expect(await page.title()).toBe("(1) UIM");
    await close();
    await tickOf(writer, content, "read").waitFor();
  }
}
