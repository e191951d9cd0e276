import AxeBuilder from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

/** A server that serves the client, and a browser: one of each for all tests of a file. */
export class Stage {
  #server: TestServer | null = null;
  #browser: Browser | null = null;

  /** To be called where the tests of a file are described. */
  static set(): Stage {
    const stage = new Stage();
    beforeAll(async () => {
      [stage.#server, stage.#browser] = await Promise.all([
        startTestServer({ hasWeb: true }),
        launchBrowser(),
      ]);
    });
    afterAll(async () => {
      await stage.#browser?.close();
      await stage.#server?.stop();
    });
    return stage;
  }

  get server(): TestServer {
    if (!this.#server) throw new Error("no test has begun");
    return this.#server;
  }

  /** Somebody at a browser of their own. */
  visit(options: BrowserContextOptions = {}): Promise<Visitor> {
    if (!this.#browser) throw new Error("no test has begun");
    return visit(this.#browser, this.server.url, options);
  }
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: errors in scripts, and what the policy forbade. */
  readonly faults: string[];
}

async function visit(browser: Browser, url: string, options: BrowserContextOptions): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    // Nothing moves: what is half faded in is neither clicked nor judged.
    reducedMotion: "reduce",
    baseURL: url,
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const isOurs =
      message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text());
    if (isOurs) faults.push(message.text());
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  onTestFinished(() => context.close());
  return { context, page, faults };
}

let count = 0;

/** A name that nobody else has. */
export function newName(prefix: string): string {
  count += 1;
  return `${prefix}_${Date.now().toString(36)}${count}`;
}

export const PASSWORD = "correct-horse-battery-9";

/** Makes an account by the form. */
export async function signUp(page: Page, username: string, display_name: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("E-mail").fill(`${username}@example.org`);
  await page.getByLabel("Name", { exact: true }).fill(display_name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).first().click();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
}

/** Signs in by the form; fails with what the page says if that does not work. */
export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto("/sign-in");
  await signInHere(page, username, password);
}

/** The same where the form is shown already, in a page that has seen somebody else perhaps. */
export async function signInHere(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("User name or e-mail").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  const alert = page.getByRole("alert");
  await page.getByRole("heading", { name: "Chats" }).or(alert).waitFor();
  if (await alert.isVisible()) throw new Error((await alert.textContent()) ?? "");
}

/** Begins a conversation with somebody, by the search. */
export async function chatWith(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: "New chat" }).first().click();
  await page.getByRole("menuitem", { name: "New chat" }).click();
  await page.getByRole("searchbox", { name: "Find people" }).fill(username);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `@${username}` })
    .click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function write(page: Page, content: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(content);
  await page.keyboard.press("Enter");
}

/** Until what follows from what is on screen, such as having read it, has begun. */
export function someFrames(page: Page): Promise<void> {
  return page.evaluate(async () => {
    for (let count = 0; count < 5; count++) await new Promise(requestAnimationFrame);
  });
}

/** A message as it is shown, by what it says. */
export function messageOf(page: Page, content: string) {
  return page.getByRole("log").locator("article").filter({ hasText: content }).last();
}

/** How far an own message has got, as its tick says it. */
export function tickOf(page: Page, content: string, status: string) {
  return messageOf(page, content).locator(`[data-status="${status}"]`);
}

/**
 * What axe finds wrong with the page, but for trifles; `only`: by these rules alone. They run in a world of their own, which the
 * page's policy does not bind.
 */
export async function axeFaults(page: Page, only?: readonly string[]): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
  });
  const options = JSON.stringify({ resultTypes: ["violations"], ...(only && { runOnly: only }) });
  const source = `${AxeBuilder.source}; axe.run(document, ${options}).then(({ violations }) =>
    JSON.stringify(violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html, any }) => html.slice(0, 160) + " " + (any[0]?.message ?? "")).join(" | "))))`;
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: source,
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return JSON.parse(String(result.value));
}
