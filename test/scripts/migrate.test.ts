import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { migrate } from "../../scripts/lib/migrate.mjs";
import { folderWith } from "./folder.ts";

/** A database of its own, brought up to date from a folder of migrations as often as a test likes. */
function database(migrations: Record<string, string>) {
  const dataDir = folderWith(
    Object.fromEntries(Object.entries(migrations).map(([n, sql]) => [`migrations/${n}`, sql])),
  );
  const migrationsDir = path.join(dataDir, "migrations");
  const stateDir = path.join(dataDir, "state");
  fs.mkdirSync(stateDir);
  return {
    write: (name: string, sql: string) => fs.writeFileSync(path.join(migrationsDir, name), sql),
    remove: (name: string) => fs.rmSync(path.join(migrationsDir, name)),
    migrate: () => migrate({ database: "uim", migrationsDir, dataDir, stateDir, output: "ignore" }),
  };
}

const FIRST = "CREATE TABLE users (id TEXT);\n--> statement-breakpoint\nCREATE INDEX users_id ON users (id);";

describe("migrate", () => {
  it("applies each migration once, in order of their names", async () => {
    const db = database({ "0001_second.sql": "ALTER TABLE users ADD name TEXT", "0000_first.sql": FIRST });
    expect(await db.migrate()).toEqual(["0000_first.sql", "0001_second.sql"]);
    expect(await db.migrate()).toEqual([]);
    db.write("0002_third.sql", "INSERT INTO users (id, name) VALUES ('1', 'it''s; -- me')");
    expect(await db.migrate()).toEqual(["0002_third.sql"]);
  });

  it("applies nothing of a migration that fails, keeps those before it, and goes on once it is mended", async () => {
    const half = "CREATE TABLE half (id TEXT);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);";
    const db = database({ "0000_first.sql": FIRST, "0001_half.sql": half });
    await expect(db.migrate()).rejects.toThrow(/0001_half\.sql failed.*no such table: nowhere/);
    db.write("0001_half.sql", "CREATE TABLE half (id TEXT);");
    expect(await db.migrate()).toEqual(["0001_half.sql"]);
  });

  it("refuses data that another version has written", async () => {
    const db = database({ "0000_first.sql": FIRST, "0001_next.sql": "CREATE TABLE next (id TEXT)" });
    await db.migrate();
    db.remove("0001_next.sql");
    await expect(db.migrate()).rejects.toThrow(/another version of UIM.*0001_next\.sql/);
  });
});
