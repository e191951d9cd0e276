import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/paths.mjs";
import * as schema from "../../src/db/schema.ts";

const FOLDER = path.join(ROOT, "migrations");
const MIGRATIONS = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => [name, fs.readFileSync(path.join(FOLDER, name), "utf8")] as const);
const TABLES: readonly SQLiteTable[] = Object.values(schema);

/** As anybody was registered since the first version. */
const ADA = `INSERT INTO users (user_id, username, username_key, email, email_key, password_hash, display_name,
  display_name_key, roles, created_at, updated_at)
  VALUES ('1', 'Ada', 'ada', 'a@example.org', 'a@example.org', 'hash', 'Ada', 'ada', '["user"]', 1, 2)`;

function columnsIn(database: DatabaseSync): Record<string, unknown[]> {
  return Object.fromEntries(
    TABLES.map((table) => {
      const { name } = getTableConfig(table);
      const columns = database.prepare("SELECT name FROM pragma_table_info(?) ORDER BY name").all(name);
      return [name, columns.map((column) => column.name)];
    }),
  );
}

describe("the migrations of D1", () => {
  it.each(MIGRATIONS.map(([name], index) => [name, index + 1] as const))(
    "bring a database that had come to %s to the schema, with the people in it",
    (_, count) => {
      const database = new DatabaseSync(":memory:");
      for (const [index, [, sql]] of MIGRATIONS.entries()) {
        database.exec(sql);
        if (index + 1 === count) database.exec(ADA);
      }
      const expected = TABLES.map((table) => {
        const { name, columns } = getTableConfig(table);
        return [name, columns.map((column) => column.name).sort()];
      });
      expect(columnsIn(database)).toEqual(Object.fromEntries(expected));
      expect(database.prepare("SELECT username, roles, updated_at FROM users").all()).toEqual([
        { username: "Ada", roles: '["user"]', updated_at: 2 },
      ]);
      database.close();
    },
  );
});
