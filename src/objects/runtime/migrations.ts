/** One step of a schema. Steps are only ever appended; one that was applied never changes. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** True if the object has stored anything. Asking writes nothing, so probing a made-up id costs nothing (LIM-2). */
export function isInitialized(storage: DurableObjectStorage): boolean {
  return storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").toArray().length > 0;
}

/** Brings the schema up to date, all steps in one transaction. Refuses a database whose history is not a prefix of ours. */
export function migrate(storage: DurableObjectStorage, migrations: readonly Migration[]): void {
  const applied = appliedNames(storage);
  for (const [index, name] of applied.entries()) {
    const expected = migrations[index]?.name;
    if (expected !== name)
      throw new Error(`migration ${index + 1} is ${name}, this code expects ${expected}`);
  }
  // Nearly always: an object that wakes has nothing to do here.
  if (applied.length === migrations.length) return;
  storage.transactionSync(() => {
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    );
    for (const [index, migration] of migrations.entries()) {
      if (index < applied.length) continue;
      storage.sql.exec(migration.sql);
      storage.sql.exec("INSERT INTO migrations (id, name) VALUES (?, ?)", index + 1, migration.name);
    }
  });
}

function appliedNames(storage: DurableObjectStorage): string[] {
  if (!isInitialized(storage)) return [];
  return storage.sql
    .exec<{ name: string }>("SELECT name FROM migrations ORDER BY id")
    .toArray()
    .map(({ name }) => name);
}
