import fs from "node:fs";

/** The kernel's clock tick, USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The CPU a process has used since it began, user and system, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the name in parentheses, which may hold anything; utime and stime are fields 14 and 15 of proc(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** The memory a process holds, in bytes. */
export function rssBytes(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** How many files and sockets a process may have open. */
export function maxOpenFiles(pid: number): number {
  const limits = fs.readFileSync(`/proc/${pid}/limits`, "utf8");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0);
}

export function openFiles(pid: number): number {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}

/** Of an object that is awake: its socket, and four for its database. */
const FILES_PER_DEVICE = 5;
const OTHER_FILES = 1_000;

/** As many connected devices as `wanted`, or as a process may have files open for. */
export function affordableDevices(wanted: number): number {
  return Math.min(wanted, Math.floor((maxOpenFiles(process.pid) - OTHER_FILES) / FILES_PER_DEVICE));
}
