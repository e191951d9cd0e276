import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { outcomeOf } from "./command.ts";
import { folderWith } from "./folder.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const NPM = path.join(import.meta.dirname, "waiting-npm.js");
const OLD_NODE = path.join(import.meta.dirname, "old-node.mjs");
const INSTALL = 'import { ensureInstalled } from "./scripts/lib/install.mjs"; await ensureInstalled();';

/** What `npm run` runs. */
const SCRIPTS = [
  ...fs.readFileSync(path.join(ROOT, "package.json"), "utf8").matchAll(/node (scripts\/\S+\.mjs)/g),
].map(([, script = ""]) => script);

/** The project as it was cloned, without a package, and with an npm that installs nothing. */
class Clone {
  readonly folder = folderWith();
  readonly #log = path.join(this.folder, "npm.log");
  readonly #node = path.join(this.folder, "node_modules", ".bin", "node");
  readonly #mayEnd = path.join(this.folder, "npm-may-end");

  constructor() {
    fs.cpSync(path.join(ROOT, "scripts"), path.join(this.folder, "scripts"), { recursive: true });
    this.want("1.0.0");
    fs.mkdirSync(path.dirname(this.#node), { recursive: true });
    fs.symlinkSync(process.execPath, this.#node);
  }

  /** Puts another Node among the packages than the one that runs the commands; `npmRuns` tells when it is used. */
  bringNode(): void {
    fs.rmSync(this.#node);
    const script = `#!/bin/sh\necho node >> "$NPM_LOG"\nexec "${process.execPath}" "$@"\n`;
    fs.writeFileSync(this.#node, script, { mode: 0o755 });
  }

  /** Changes which packages the project needs. */
  want(version: string): void {
    fs.writeFileSync(
      path.join(this.folder, "package.json"),
      JSON.stringify({ dependencies: { some: version } }),
    );
  }

  node(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, npm_execpath: NPM, NPM_LOG: this.#log, NPM_MAY_END: this.#mayEnd, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }

  install(env: NodeJS.ProcessEnv = {}): ChildProcess {
    return this.node(["--input-type=module", "--eval", INSTALL], env);
  }

  /** What each run of npm has said of itself. */
  npmRuns(): string[] {
    return fs.existsSync(this.#log) ? fs.readFileSync(this.#log, "utf8").trim().split("\n") : [];
  }

  endNpm(): void {
    fs.writeFileSync(this.#mayEnd, "");
  }
}

/** A command in the middle of its installation. */
async function installing(clone: Clone) {
  const command = clone.install();
  const outcome = outcomeOf(command);
  await expect.poll(() => clone.npmRuns()).toEqual(["begin"]);
  return { command, outcome };
}

/** A command that has said that it waits. */
async function waiting(clone: Clone) {
  const command = clone.install();
  const outcome = outcomeOf(command);
  await new Promise<void>((resolve) => {
    command.stdout?.on("data", (text) => String(text).includes("waiting for it") && resolve());
  });
  return { command, outcome };
}

function childrenOf({ pid }: ChildProcess): string {
  return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
}

describe("the installation of packages", () => {
  it("is done once when two commands need it at once", async () => {
    const clone = new Clone();
    const first = await installing(clone);
    const second = await waiting(clone);
    clone.endNpm();
    expect(await first.outcome).toMatchObject({ code: 0 });
    expect(await second.outcome).toMatchObject({ code: 0 });
    expect(clone.npmRuns()).toEqual(["begin", "end"]);
  });

  it("is done again when its command was killed, but not before its npm has ended too", async () => {
    const clone = new Clone();
    const killed = await installing(clone);
    killed.command.kill("SIGKILL");
    await once(killed.command, "exit");
    const next = await waiting(clone);
    clone.endNpm();
    expect(await next.outcome).toMatchObject({ code: 0 });
    expect(clone.npmRuns()).toEqual(["begin", "end", "begin", "end"]);
  });

  it("is not done by a command that is stopped while it waits", async () => {
    const clone = new Clone();
    const first = await installing(clone);
    const second = await waiting(clone);
    await expect.poll(() => childrenOf(second.command)).toMatch(/\d/);
    second.command.kill("SIGTERM");
    expect((await second.outcome).code).not.toBe(0);
    clone.endNpm();
    await first.outcome;
    expect(clone.npmRuns()).toEqual(["begin", "end"]);
  });

  it("is done again once one of other packages has failed, though these were there before", async () => {
    const clone = new Clone();
    clone.endNpm();
    expect(await outcomeOf(clone.install())).toMatchObject({ code: 0 });
    clone.want("2.0.0");
    expect(await outcomeOf(clone.install({ NPM_CODE: "1" }))).toMatchObject({ code: 1 });
    clone.want("1.0.0");
    for (let time = 0; time < 2; time++) {
      expect(await outcomeOf(clone.install())).toMatchObject({ code: 0 });
      expect(clone.npmRuns().filter((line) => line === "end")).toHaveLength(3);
    }
  });
});

it("the Node among the packages brings what the one that installs them had to leave out", async () => {
  const clone = new Clone();
  clone.bringNode();
  clone.endNpm();
  expect(await outcomeOf(clone.install())).toMatchObject({ code: 0 });
  expect(clone.npmRuns()).toEqual(["begin", "end", "node", "begin", "end"]);
});

describe("a Node that knows less than this one", () => {
  const run = (clone: Clone, script: string, OLD: string) =>
    outcomeOf(clone.node(["--import", OLD_NODE, script], { OLD_NODE: OLD, NPM_CODE: "1" }));

  it("is told by every command that it is too old", async () => {
    const clone = new Clone();
    expect(SCRIPTS).toContain("scripts/start.mjs");
    await Promise.all(
      SCRIPTS.map(async (script) => {
        const output = "\nUIM needs Node.js 20.2.0 or newer; this is 18.0.0.\n\n";
        expect(await run(clone, script, "18.0.0"), script).toEqual({ code: 1, output });
      }),
    );
    expect(clone.npmRuns()).toEqual([]);
  });

  it("can install the packages, and the newer Node among them, if it is of version 20.2", async () => {
    const clone = new Clone();
    clone.endNpm();
    expect(await run(clone, "scripts/start.mjs", "20.2.0")).toMatchObject({
      code: 1,
      output: expect.stringContaining("npm install failed (exit code 1)"),
    });
    expect(clone.npmRuns()).toEqual(["begin", "end"]);
  });
});
