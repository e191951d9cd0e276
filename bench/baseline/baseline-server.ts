import { fork } from "node:child_process";
import path from "node:path";
import type { SeededRoom } from "../servers/rooms.ts";
import type { Running } from "../servers/running.ts";

/** Starts the baseline in a process of its own, with these conversations. */
export function startBaseline(rooms: readonly SeededRoom[]): Promise<Running> {
  const members = rooms.map(({ conversation_id, users }) => [
    conversation_id,
    users.map(({ user_id }) => user_id),
  ]);
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, "server.ts"), { stdio: "inherit" });
    const exited = new Promise<void>((ended) => child.once("exit", () => ended()));
    const stop = async () => {
      child.disconnect();
      await exited;
    };
    child.once("message", (port) => {
      resolve({ url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop });
    });
    child.once("error", reject);
    void exited.then(() => reject(new Error("the baseline ended before it listened")));
    child.send(Object.fromEntries(members));
  });
}
