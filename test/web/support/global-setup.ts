import { ensureWeb } from "../../../scripts/lib/web.mjs";

/** One build of the client for all test files. */
export default async function setup(): Promise<void> {
  await ensureWeb();
}
