import type { Faults } from "../faults.ts";
import { Connection } from "./connection.ts";
import type { DurableState } from "./durable-state.ts";
import { Host } from "./host.ts";
import { isInjected } from "./injected.ts";
import { createStub } from "./rpc.ts";
import type { Scheduler } from "./scheduler.ts";
import { Trace } from "./trace.ts";

/** A binding of a class of objects, as the objects and the Worker see it. */
export interface Namespace<T> {
  getByName(name: string): T;
}

type ObjectClass = abstract new (...args: never[]) => object;

/** A class of objects: what it is called in the trace, and what makes one. */
export interface Kind {
  readonly letter: string;
  readonly create: (state: DurableState) => object;
  /** Does today's code understand this attachment of a socket? */
  readonly isAttachment: (value: unknown) => boolean;
}

/** A platform that does not keep what it promises, to prove that the simulation would notice. */
export type Sabotage = "the gate stands open" | "alarms never fire" | "attachments are forgotten";

/** A simulated Durable Object platform: hosts, their network, and what went wrong on them. */
export class Platform {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly sabotage: Sabotage | null;
  readonly trace: Trace;
  /** What must not have happened, whatever the faults. */
  readonly violations: string[] = [];
  /** The objects whose code ran since the last step. */
  readonly touched = new Set<Host>();
  /** Calls that arrived when their callers had given them up, or were gone. */
  readonly lateCalls: { readonly method: string; readonly request: readonly unknown[] }[] = [];
  readonly #hosts = new Map<string, Host>();

  constructor(scheduler: Scheduler, faults: Faults, sabotage: Sabotage | null) {
    const begin = scheduler.now;
    this.scheduler = scheduler;
    this.faults = faults;
    this.sabotage = sabotage;
    this.trace = new Trace(() => scheduler.now - begin);
  }

  get hosts(): Host[] {
    return [...this.#hosts.values()];
  }

  host(kind: Kind, name: string): Host {
    const key = `${kind.letter} ${name}`;
    let host = this.#hosts.get(key);
    if (!host) {
      const number = this.hosts.filter(({ label }) => label.startsWith(kind.letter)).length + 1;
      host = new Host(this, `${kind.letter}${number}`, name, kind);
      this.#hosts.set(key, host);
    }
    return host;
  }

  namespace<T extends object>(kind: Kind): Namespace<T> {
    return { getByName: (name) => createStub<T>(this, this.host(kind, name)) };
  }

  violated(rule: string, detail: string): void {
    const line = `${rule}: ${detail}`;
    this.trace.noteText(`VIOLATED ${line}`);
    this.violations.push(line);
  }

  /** An exception got out of an object. */
  thrown(host: Host, where: string, error: unknown): void {
    if (isInjected(error) || isTimeLimit(error)) return;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violated("no exception leaves an object", `${host.label} ${where}: ${stack}`);
  }

  logged(level: string, line: string): void {
    this.trace.noteText(`log ${level} ${line}`);
    if (level === "error" && !isInjected(line) && !line.includes("TimeLimitError")) {
      this.violated("no error is logged without a cause", line);
    }
  }

  /** An upgrade succeeded, and its client never hears of it: the connection ends with it. */
  lostAnswer(answer: unknown): void {
    if (typeof answer !== "object" || answer === null || !("webSocket" in answer)) return;
    const { webSocket } = answer;
    if (typeof webSocket === "object" && webSocket !== null && "connection" in webSocket) {
      if (webSocket.connection instanceof Connection) webSocket.connection.cut();
    }
  }

  close(): void {
    for (const host of this.hosts) host.storage.sql.close();
  }
}

function isTimeLimit(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeLimitError";
}

/** The platform constructs an object by its class and knows nothing more of it. */
export function construct(objectClass: ObjectClass, state: DurableState, env: object): object {
  return Reflect.construct(objectClass, [state, env]);
}
