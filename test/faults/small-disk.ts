import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeDataFolder } from "../support/server/test-server.ts";
import { SUITE_LIMITS } from "../support/suite-limits.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const START_MS = 30_000;
const POLL_MS = 20;
const CHUNK_BYTES = 64 * 1024;

/** Makes `$1` a file system of `$2` bytes that only this process and its children see, and starts the server on it. */
const ON_SMALL_DISK =
  'mount -t tmpfs -o size="$2" tmpfs "$1" && exec "$3" scripts/start.mjs --port 0 --data "$1/data"';

/** A server whose data lies on a small file system of its own. */
export interface SmallDiskServer {
  readonly url: string;
  log(): string;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  stop(): Promise<void>;
}

/** Why this machine cannot give a process a file system of its own; null if it can. Linux with user namespaces can. */
export function whyNoSmallDisk(): string | null {
  const { status, stderr, error } = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], {
    encoding: "utf8",
  });
  if (status === 0) return null;
  return `no small disk on this machine: ${error?.message ?? stderr.trim()}`;
}

export async function startOnSmallDisk(bytes: number): Promise<SmallDiskServer> {
  const folder = makeDataFolder();
  const child = spawn(
    "unshare",
    ["-rm", "sh", "-c", ON_SMALL_DISK, "sh", folder, String(bytes), process.execPath],
    {
      cwd: ROOT,
      env: { ...process.env, ...SUITE_LIMITS, MASTER_KEY: Buffer.alloc(32, "uim").toString("base64") },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await addressIn(() => log, child);
  // What the process sees under its root is reached from here through its entry in /proc.
  const filler = path.join(`/proc/${child.pid}/root`, folder, "filler");
  return {
    url,
    log: () => log,
    fill: () => fillUp(filler),
    free: () => fs.rmSync(filler),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function addressIn(log: () => string, child: ChildProcess): Promise<string> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const [, url] = /Open +(http\S+)/.exec(log()) ?? [];
    if (url !== undefined) return url;
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`it did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function fillUp(filler: string): void {
  const file = fs.openSync(filler, "a");
  try {
    for (let size = CHUNK_BYTES; size > 0; size = Math.floor(size / 2)) {
      while (couldWrite(file, size)) {
        // Until there is no room for so much.
      }
    }
  } finally {
    fs.closeSync(file);
  }
}

function couldWrite(file: number, size: number): boolean {
  try {
    return fs.writeSync(file, Buffer.alloc(size, 1)) > 0;
  } catch {
    return false;
  }
}
