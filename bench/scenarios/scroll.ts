import type { Page } from "playwright-core";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { countNodes, follow, scrollThrough, takeLongTasks, watchLongTasks } from "../browser/probe.ts";
import { spreadOf } from "../client/percentiles.ts";
import type { Row, Scenario } from "../scenario.ts";
import { type SeededRoom, seedRooms } from "../servers/rooms.ts";
import type { SeedDoor } from "../servers/seed-door.ts";
import { startUim } from "../servers/uim-server.ts";
import { mixedText } from "../worker/mixed-text.ts";
import { SEED_PASSWORD } from "../worker/seed-requests.ts";

const MESSAGES = 50_000;
const MEMBERS = 3;
/** So many in a row are by one member. */
const TURN = 20;
/** In each frame: at 60 a second as fast as a long list can be thrown. */
const STEP_PX = 600;
const AT_MOST_MS = 30 * 60_000;

/** The web client in a real browser, from the newest message of a long group to the first, and to either end at once. */
export const scroll: Scenario = {
  name: "scroll",
  title: `Scrolling: the web client, through a group of ${MESSAGES} messages`,
  async run({ quick, log }) {
    const messages = quick ? 2_000 : MESSAGES;
    const server = await startUim((door) => seedGroup(door, messages), { hasWeb: true });
    const { conversation_id, users } = server.seeded;
    const [reader] = users;
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, baseURL: server.url });
      await page.addInitScript(watchLongTasks);
      // Whoever has read everything begins at the newest message.
      await markRead(server.url, reader?.access_token ?? "", conversation_id, messages);
      await signIn(page, reader?.username ?? "");
      const path = `/c/${conversation_id}`;
      const [first, newest] = [textOf(0), textOf(messages - 1)];
      const goTo = (to: string, text: string) => async () => {
        await page.evaluate(follow, to);
        await messageOf(page, text).waitFor();
        return {};
      };
      const rows = [
        await measured(page, "scroll/open", goTo(path, newest)),
        await measured(page, "scroll/back to the first", async () => {
          const options = { step_px: -STEP_PX, until: first, at_most_ms: AT_MOST_MS };
          const { frames_ms, waited_ms } = await page.evaluate(scrollThrough, options);
          const { p50, p95, p99, max } = spreadOf(Float64Array.from(frames_ms));
          return { frame_p50_ms: p50, frame_p95_ms: p95, frame_p99_ms: p99, frame_max_ms: max, waited_ms };
        }),
        await measured(page, "scroll/to the newest at once", async () => {
          await page.getByRole("button", { name: "Scroll to the newest" }).click();
          await messageOf(page, newest).waitFor();
          return {};
        }),
        await measured(page, "scroll/to the first at once", goTo(`${path}/1`, first)),
      ];
      for (const { key, figures } of rows) log(`  ${key}: ${JSON.stringify(figures)}`);
      return rows;
    } finally {
      await browser.close();
      await server.stop();
    }
  },
};

async function seedGroup(door: SeedDoor, messages: number): Promise<SeededRoom> {
  const [room] = await seedRooms(door, 1, MEMBERS);
  if (!room) throw new Error("There is no room");
  for (let from = 0; from < messages; from += TURN) {
    const sender = room.users[(from / TURN) % MEMBERS];
    await door.fill(room.conversation_id, sender?.user_id ?? "", TURN, null, from);
  }
  return room;
}

/** As the seeding server writes it. */
function textOf(number: number): string {
  return `${number} ${mixedText(number)}`;
}

function messageOf(page: Page, text: string) {
  return page.getByRole("log").getByText(text, { exact: true });
}

async function markRead(url: string, token: string, conversation_id: string, seq: number): Promise<void> {
  const answer = await fetch(`${url}/api/conversations/${conversation_id}/read`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ seq }),
  });
  if (!answer.ok) throw new Error(`Reading failed: ${answer.status} ${await answer.text()}`);
}

async function signIn(page: Page, username: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("User name or e-mail").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(SEED_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("list", { name: "Chats" }).getByRole("link").waitFor();
}

type Figures = Readonly<Record<string, number>>;

/** Does something, and tells what the page went through meanwhile and holds afterwards. */
async function measured(page: Page, key: string, act: () => Promise<Figures>): Promise<Row> {
  await page.evaluate(takeLongTasks);
  const begun = performance.now();
  const figures = await act();
  const took_ms = performance.now() - begun;
  const longTasks = await page.evaluate(takeLongTasks);
  return {
    key,
    figures: {
      took_ms,
      long_tasks: longTasks.length,
      longest_ms: Math.max(0, ...longTasks),
      ...figures,
      heap_mib: await heapOf(page),
      elements: await page.evaluate(countNodes),
    },
  };
}

/** What is still needed, in MiB. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 2 ** 20;
}
