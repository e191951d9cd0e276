import { createHash } from "node:crypto";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Everything that happened in a run, in order, a line each. Ids that the objects make up are numbered, since they differ. */
export class Trace {
  readonly lines: string[] = [];
  readonly #now: () => number;
  readonly #ids = new Map<string, string>();

  /** `now`: milliseconds since the run began. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(line: string): void {
    this.lines.push(`${this.#now()} ${line}`);
  }

  /** A line of a foreign hand: it may speak of ids. */
  noteText(text: string): void {
    this.note(text.replace(UUID, (id) => this.#name(id)));
  }

  /** The same for two runs in which the same happened. */
  get hash(): string {
    return createHash("sha256").update(this.lines.join("\n")).digest("hex").slice(0, 16);
  }

  #name(id: string): string {
    let name = this.#ids.get(id);
    if (name === undefined) {
      name = `id${this.#ids.size + 1}`;
      this.#ids.set(id, name);
    }
    return name;
  }
}
