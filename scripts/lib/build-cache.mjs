// @ts-check
import fs from "node:fs";
import path from "node:path";

/** Builds that nobody used for this long are deleted; another checkout state may still want a younger one. */
const KEEP_MS = 24 * 60 * 60 * 1000;
const TOUCH_MS = KEEP_MS / 24;

/**
 * Notes that a build is used now, and deletes those beside it that have not been for long.
 * @param {string} build a folder
 */
export function markBuildUsed(build) {
  touch(build);
  const builds = path.dirname(build);
  for (const entry of fs.readdirSync(builds)) {
    const folder = path.join(builds, entry);
    const used_at = fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - used_at > KEEP_MS) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Keeps a build that is used all the time, as by a server, from being deleted by others.
 * @param {string} build
 * @returns {() => void} ends that
 */
export function keepBuild(build) {
  const timer = setInterval(() => fs.existsSync(build) && touch(build), TOUCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** @param {string} build */
function touch(build) {
  const now = new Date();
  fs.utimesSync(build, now, now);
}
