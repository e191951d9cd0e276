import { DatabaseSync, type StatementSync } from "node:sqlite";

type Value = string | number | null | Uint8Array;

/** The limit of the platform on bound parameters. */
const MAX_PARAMETERS = 100;

/** The result of a statement, read eagerly: the code under test never holds one across an await. */
export class Cursor implements Iterable<unknown> {
  readonly #rows: readonly unknown[];
  readonly rowsWritten: number;
  #next = 0;

  constructor(rows: readonly unknown[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  get rowsRead(): number {
    return this.#rows.length;
  }

  toArray(): unknown[] {
    const rest = this.#rows.slice(this.#next);
    this.#next = this.#rows.length;
    return rest;
  }

  one(): unknown {
    if (this.#rows.length !== 1) throw new Error(`expected one row, found ${this.#rows.length}`);
    return this.#rows[0];
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.toArray()[Symbol.iterator]();
  }
}

/**
 * One object's SQLite. A transaction is always open and holds what is not durable yet: `commit` is the moment in which
 * the platform has it on disk, `rollback` a crash before that.
 */
export class Sql {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  readonly #written: () => void;
  #depth = 0;

  /** `written` is called whenever something was changed. */
  constructor(written: () => void) {
    this.#written = written;
    this.#database.exec("PRAGMA foreign_keys = ON; BEGIN");
  }

  exec(query: string, ...bindings: unknown[]): Cursor {
    const values = bindings.map(checkedValue);
    if (values.length > MAX_PARAMETERS) throw new Error("too many SQL variables");
    if (values.length === 0 && /;\s*\S/.test(query)) {
      this.#database.exec(query);
      this.#written();
      return new Cursor([], 1);
    }
    const statement = this.#prepare(query);
    if (/^\s*SELECT/i.test(query)) return new Cursor(statement.all(...values), 0);
    const before = this.#changes();
    const rows = statement.all(...values);
    const rowsWritten = this.#changes() - before;
    if (rowsWritten > 0 || !/^\s*(?:INSERT|UPDATE|DELETE)/i.test(query)) this.#written();
    return new Cursor(rows, rowsWritten);
  }

  /** As on the platform: nests, rolls back on a throw, and does not wait for a promise. */
  transaction<T>(closure: () => T): T {
    const savepoint = `level_${this.#depth++}`;
    this.#database.exec(`SAVEPOINT ${savepoint}`);
    try {
      const result = closure();
      this.#database.exec(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  commit(): void {
    this.#database.exec("COMMIT; BEGIN");
  }

  rollback(): void {
    this.#database.exec("ROLLBACK; BEGIN");
  }

  close(): void {
    this.#database.close();
  }

  #prepare(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (!statement) {
      statement = this.#database.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement;
  }

  #changes(): number {
    return Number(this.#prepare("SELECT total_changes() AS n").get()?.n);
  }
}

/** Booleans become the text 'true' on the platform, and integers of unlimited size are refused: both are mistakes here. */
function checkedValue(value: unknown): Value {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a statement was given a ${typeof value}`);
}
