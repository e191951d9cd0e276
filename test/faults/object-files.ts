import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The SQLite files of a stopped server's objects, found by what is in them: their names are hashes. */
function filesOf(dataDir: string, className: string): string[] {
  const folder = path.join(dataDir, "state", `uim-${className}`);
  return fs
    .readdirSync(folder)
    .filter((name) => /^[0-9a-f]+\.sqlite$/.test(name))
    .map((name) => path.join(folder, name));
}

function hasRow(file: string, query: string, value: string): boolean {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(query).get(value) !== undefined;
  } catch {
    // An object that stored nothing but the like of an alarm has no such table.
    return false;
  } finally {
    database.close();
  }
}

function onlyOne(files: readonly string[], what: string): string {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new Error(`${files.length} files of ${what}`);
  return file;
}

export function conversationFile(dataDir: string, conversation_id: string): string {
  const query = "SELECT 1 FROM conversation WHERE conversation_id = ?";
  const files = filesOf(dataDir, "ConversationObject").filter((file) => hasRow(file, query, conversation_id));
  return onlyOne(files, `conversation ${conversation_id}`);
}

/** The file of a user, known by one of its devices. */
export function userFile(dataDir: string, device_id: string): string {
  const query = "SELECT 1 FROM devices WHERE device_id = ?";
  const files = filesOf(dataDir, "UserObject").filter((file) => hasRow(file, query, device_id));
  return onlyOne(files, `the user of device ${device_id}`);
}

/** Runs a statement that must change something. */
export function execIn(file: string, statement: string, ...values: string[]): void {
  const database = new DatabaseSync(file);
  try {
    if (database.prepare(statement).run(...values).changes === 0)
      throw new Error(`changed nothing: ${statement}`);
  } finally {
    database.close();
  }
}

/** Puts other bytes in the place of a database, and takes away what SQLite could mend it with. */
export function overwrite(file: string, change: (bytes: Buffer) => Buffer): void {
  // Everything into the one file first.
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  fs.writeFileSync(file, change(fs.readFileSync(file)));
  for (const suffix of ["-wal", "-shm"]) fs.rmSync(file + suffix, { force: true });
}
