import fs from "node:fs";
import path from "node:path";
import { LOG_FILE } from "../servers/uim-server.ts";
import { cpuMs, rssBytes } from "../servers/usage.ts";
import type { Minute, Sizes } from "./results.ts";
import type { Tally } from "./tally.ts";

/** Of a database file, what Linux calls a write-ahead log. */
const WAL = "-wal";

export interface Watched {
  readonly pid: number;
  readonly data_folder: string;
}

/** Reads the server's figures once a minute. */
export class Sampler {
  readonly #watched: Watched;
  readonly #tally: Tally;
  #last: { at: number; server_cpu_ms: number; client: NodeJS.CpuUsage };

  constructor(watched: Watched, tally: Tally) {
    this.#watched = watched;
    this.#tally = tally;
    this.#last = this.#now();
  }

  async sample(minute: number): Promise<Minute> {
    const last = this.#last;
    this.#last = this.#now();
    const elapsed_ms = this.#last.at - last.at;
    const { user, system } = process.cpuUsage(last.client);
    const happened = this.#tally.take();
    const { messages_in_all } = this.#tally;
    return {
      minute,
      seconds: elapsed_ms / 1000,
      server_cpu: (this.#last.server_cpu_ms - last.server_cpu_ms) / elapsed_ms,
      client_cpu: (user + system) / 1000 / elapsed_ms,
      ...(await measureSizes(this.#watched)),
      messages_in_all,
      ...happened,
    };
  }

  #now() {
    return {
      at: performance.now(),
      server_cpu_ms: cpuMs(this.#watched.pid),
      client: process.cpuUsage(),
    };
  }
}

export async function measureSizes({ pid, data_folder }: Watched): Promise<Sizes> {
  return {
    rss_bytes: rssBytes(pid),
    anonymous_bytes: anonymousBytes(pid),
    ...(await openFilesOf(pid)),
    ...(await measureFolder(data_folder)),
  };
}

/** The memory of a process that no file stands behind. */
function anonymousBytes(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** What a process has open; an object in memory has its database open, one that was evicted has not. */
async function openFilesOf(pid: number): Promise<Pick<Sizes, "open_files" | "objects_awake">> {
  const folder = `/proc/${pid}/fd`;
  const names = await fs.promises.readdir(folder);
  const targets = await Promise.all(
    names.map((name) => fs.promises.readlink(path.join(folder, name)).catch(() => "")),
  );
  const databases = new Set(targets.filter((target) => target.endsWith(".sqlite")));
  return { open_files: names.length, objects_awake: databases.size };
}

/** The data, without the log of what the server says. */
async function measureFolder(folder: string): Promise<Pick<Sizes, "files" | "folder_bytes" | "wal_bytes">> {
  let [files, folder_bytes, wal_bytes] = [0, 0, 0];
  for (const entry of await fs.promises.readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === LOG_FILE) continue;
    // One that is gone by now was temporary.
    const found = await fs.promises.stat(path.join(entry.parentPath, entry.name)).catch(() => null);
    if (!found) continue;
    files++;
    folder_bytes += found.size;
    if (entry.name.endsWith(WAL)) wal_bytes += found.size;
  }
  return { files, folder_bytes, wal_bytes };
}
