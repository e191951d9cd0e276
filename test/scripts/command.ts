import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { onTestFinished } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

export interface Outcome {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Runs one of the project's scripts to its end, as npm does. */
export function runScript(script: string, args: readonly string[]): Promise<Outcome> {
  return outcomeOf(startScript(path.join("scripts", script), args));
}

/** Resolves when a command has ended. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

/** Starts a script of the repository; it is killed at the end of the test if it still runs. */
export function startScript(file: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [path.join(ROOT, file), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, INIT_CWD: undefined },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Resolves when a script has printed this. */
export async function untilPrinted(child: ChildProcess, text: string): Promise<void> {
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += chunk;
    if (output.includes(text)) return;
  }
  throw new Error(`It ended without having printed "${text}": ${output}`);
}
