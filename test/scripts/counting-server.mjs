// @ts-check
// Stands in for a server in tests of the backup: has the data folder named by its argument, and counts in many databases
// in turn, one commit each, so that at any moment the first of them are ahead of the others by one, or all are equal. With
// `locking` as the second argument it keeps another database locked most of the time.
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";

const dataDir = process.argv[2] ?? "";
const { servedBy } = lockDataFolder(dataDir);
servedBy(process.pid);
fs.mkdirSync(path.join(dataDir, "state", "counters"), { recursive: true });

const counters = Array.from({ length: 20 }, (_, index) => {
  const name = `${String(index).padStart(2, "0")}.sqlite`;
  const database = new DatabaseSync(path.join(dataDir, "state", "counters", name));
  // Not flushed to disk: the faster they count, the more a backup that does not hold them would be off.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE counter (n INTEGER)");
  database.exec("INSERT INTO counter VALUES (0)");
  return database.prepare("UPDATE counter SET n = n + 1");
});
// Not with a write-ahead log, where readers are never locked out. It waits for them in its turn.
const locked = new DatabaseSync(path.join(dataDir, "state", "locked.sqlite"), { timeout: 5_000 });
locked.exec("PRAGMA journal_mode = MEMORY; CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)");
process.stdout.write("counting");

function count() {
  if (process.argv[3] === "locking") locked.exec("BEGIN EXCLUSIVE; UPDATE counter SET n = n + 1");
  const until = performance.now() + 30;
  while (performance.now() < until) for (const counter of counters) counter.run();
  if (locked.isTransaction) locked.exec("COMMIT");
  setTimeout(count, 12);
}
count();
