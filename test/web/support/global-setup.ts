import chromium from "@sparticuz/chromium";
import { ensureWeb } from "../../../scripts/lib/web.mjs";

/** One build of the client for all test files, and the browser unpacked before two of them want to do it at once. */
export default async function setup(): Promise<void> {
  await Promise.all([ensureWeb(), chromium.executablePath()]);
}
