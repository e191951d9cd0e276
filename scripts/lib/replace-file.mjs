// @ts-check
import fs from "node:fs";
import path from "node:path";

/**
 * Writes a file in one step: a reader never sees half of it, and once this returns it survives a power loss.
 * @param {string} file
 * @param {string} text
 * @param {{ mode?: number }} [options]
 */
export function replaceFile(file, text, { mode = 0o666 } = {}) {
  const written = `${file}.new`;
  fs.writeFileSync(written, text, { mode, flush: true });
  fs.renameSync(written, file);
  const folder = fs.openSync(path.dirname(file), "r");
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}
