// @ts-check
// Takes a data folder at a given moment (Unix ms), says whether it has got it, and stays.
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";

const [folder = "", begin_at] = process.argv.slice(2);
while (Date.now() < Number(begin_at));
try {
  lockDataFolder(folder);
  console.log("locked");
} catch {
  console.log("in use");
}
setInterval(() => undefined, 1_000);
