import { type ChildProcess, spawn } from "node:child_process";

/** A program in a process of its own, and what it has said. */
export class Program {
  readonly #child: ChildProcess;
  #output = "";
  /** Resolves to its exit code. */
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], cwd: string, env: Record<string, string>, node = process.execPath) {
    this.#child = spawn(node, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe" });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#output += String(chunk);
      });
    }
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  get output(): string {
    return this.#output;
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Resolves when it has said this. */
  async says(text: string, timeout_ms = 15_000): Promise<void> {
    const deadline = performance.now() + timeout_ms;
    while (!this.#output.includes(text)) {
      const isOver = performance.now() > deadline || this.#child.exitCode !== null;
      if (isOver && !this.#output.includes(text))
        throw new Error(`it did not say "${text}", but:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.ended;
  }
}
