import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished } from "vitest";
import { runScript } from "./command.ts";
import { folderWith } from "./folder.ts";

/** Nobody serves it, and nothing was written to it lately: two databases, one of which was left with a write-ahead log, as
 * by a SIGKILL. */
export function dataFolder(): string {
  const folder = folderWith({
    "secrets.json": '{"MASTER_KEY":"key"}',
    "version.json": '{"version":"0.1.0"}',
  });
  fs.mkdirSync(path.join(folder, "state/objects"), { recursive: true });
  const write = (name: string) => {
    const database = new DatabaseSync(path.join(folder, "state/objects", `${name}.sqlite`));
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE rows (text)");
    database.prepare("INSERT INTO rows VALUES (?)").run(`in ${name}`);
    return database;
  };
  write("closed").close();
  const open = write("killed");
  // The log is kept: another reader is there while the writer closes.
  const keeper = new DatabaseSync(path.join(folder, "state/objects/killed.sqlite"), { readOnly: true });
  keeper.prepare("SELECT * FROM rows").all();
  open.close();
  onTestFinished(() => keeper.close());
  for (const name of fs.readdirSync(path.join(folder, "state/objects"))) {
    fs.utimesSync(path.join(folder, "state/objects", name), new Date(0), new Date(0));
  }
  return folder;
}

export async function backedUp(...flags: string[]): Promise<{ dataDir: string; backup: string }> {
  const dataDir = dataFolder();
  const backup = path.join(folderWith(), "backup");
  expect(await runScript("backup.mjs", ["--data", dataDir, "--to", backup, ...flags])).toMatchObject({
    code: 0,
  });
  return { dataDir, backup };
}
