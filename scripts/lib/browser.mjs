// @ts-check
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

/** A real Chromium that comes as a package; nothing has to be installed on the system. */
export async function launchBrowser() {
  const executablePath = await chromium.executablePath();
  // Not the package's own flags: those are for functions in a cloud, and turn off the policies that are tested here.
  return playwright.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"], headless: true });
}
