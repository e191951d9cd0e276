import { ensureBundle } from "../../../scripts/lib/bundle.mjs";

/** One build for all test files, before the first of them starts its clock. */
export default async function setup(): Promise<void> {
  await ensureBundle(null);
}
