import type { Random } from "../random.ts";
import type { Connection } from "./connection.ts";
import { Connections } from "./connections.ts";
import { DurableState } from "./durable-state.ts";
import { Injected } from "./injected.ts";
import { type Answerable, Instance, running } from "./instance.ts";
import type { Kind, Platform } from "./platform.ts";
import type { Scheduled } from "./scheduler.ts";
import { Storage } from "./storage.ts";

/** An object that nothing keeps awake leaves the memory after this. */
const HIBERNATES_AFTER_MS = 10_000;
/** The platform's pauses between attempts at an alarm (ms); then it gives up. */
const ALARM_RETRIES_MS = [2_000, 4_000, 8_000, 16_000, 32_000, 64_000];

/** A call that waits for its answer. */
export interface Pending extends Answerable {
  answer(value: unknown): void;
}

/** Where one object lives: its storage, its sockets, and its memory while it is awake. */
export class Host {
  readonly label: string;
  readonly name: string;
  readonly storage: Storage;
  readonly connections = new Connections();
  /** It has lost a socket and what that remembered, at least once. */
  hasCrashed = false;
  readonly #platform: Platform;
  readonly #kind: Kind;
  /** It will be aborted when its next writes are durable, before anything leaves that waited for them. */
  isDoomed = false;
  #instance: Instance | null = null;
  #flush: Scheduled | null = null;
  #alarm: { readonly time: number; readonly event: Scheduled } | null = null;
  #alarmFailures = 0;

  constructor(platform: Platform, label: string, name: string, kind: Kind) {
    this.label = label;
    this.name = name;
    this.#platform = platform;
    this.#kind = kind;
    this.storage = new Storage(() => this.#scheduleFlush());
  }

  get isAwake(): boolean {
    return this.#instance !== null;
  }

  /** Whether what leaves has to wait for what is written. */
  get holdsBack(): boolean {
    return this.storage.isDirty && this.#platform.sabotage !== "the gate stands open";
  }

  /** Why the object could not hibernate now; null if it could, or does. */
  get keptAwakeBy(): string | null {
    const instance = this.#instance;
    if (!instance || instance.isIdle) return null;
    const { timers, calling, answerable, handling } = instance;
    return `${timers.size} timers, ${calling} calls, ${answerable.size} unanswered, ${handling} handlers`;
  }

  get hasAlarm(): boolean {
    return this.#alarm !== null;
  }

  /** A call by name, as the platform makes it. Its answer leaves when the writes before it are durable. */
  async call(method: string, args: readonly unknown[], pending: Pending): Promise<void> {
    let instance: Instance;
    try {
      instance = await this.#wake();
    } catch (error) {
      this.#threw(method, error, pending);
      return;
    }
    instance.answerable.add(pending);
    const leave = (end: () => void) =>
      instance.emit(() => {
        instance.answerable.delete(pending);
        end();
      });
    try {
      const answer = await this.#enter(instance, method, args);
      leave(() => pending.answer(answer));
    } catch (error) {
      leave(() => this.#threw(method, error, pending));
    }
  }

  socketMessage(connection: Connection, text: string): void {
    void this.#wake()
      .then((instance) =>
        this.#enter(instance, "webSocketMessage", [this.connections.socket(connection, instance), text]),
      )
      .catch((error) => this.#platform.thrown(this, "webSocketMessage", error));
  }

  async socketClosed(connection: Connection, code: number, reason: string, wasClean: boolean): Promise<void> {
    try {
      const instance = await this.#wake();
      const socket = this.connections.socket(connection, instance);
      await this.#enter(instance, "webSocketClose", [socket, code, reason, wasClean]);
    } catch (error) {
      this.#platform.thrown(this, "webSocketClose", error);
    }
  }

  /** Memory is lost and nothing else; only when nothing keeps the object awake. True if that was so. */
  hibernate(): boolean {
    const instance = this.#instance;
    if (!instance?.isIdle) return false;
    this.#platform.trace.note(`${this.label} hibernates`);
    this.#instance = null;
    if (this.#platform.sabotage === "attachments are forgotten") {
      for (const connection of this.connections.all) connection.attachment = null;
    }
    instance.end(new Error("hibernated while something was under way"));
    return true;
  }

  /**
   * The machine dies: memory and sockets are lost, with them whatever waited behind the gate, and, unless they made it,
   * the writes that were not yet durable.
   */
  abort(keepsWrites: boolean): void {
    this.#platform.trace.note(`${this.label} is aborted${keepsWrites ? " after its commit" : ""}`);
    this.hasCrashed = true;
    const instance = this.#instance;
    this.#instance = null;
    this.#flush?.cancel();
    this.#flush = null;
    if (keepsWrites) this.storage.commit();
    // An alarm whose handler did not end comes back.
    this.storage.rollback();
    instance?.end(new Injected("the object was reset", { retryable: true, durableObjectReset: true }));
    for (const connection of this.connections.all) connection.dropByServer();
    this.#armAlarm();
  }

  /**
   * New code: it finds attachments that older code left, with what is optional missing, or of a version it does not know.
   * An object that is busy is reset.
   */
  redeploy(random: Random): void {
    for (const connection of this.connections.all) {
      const isForeign = random.chance(0.1);
      this.hasCrashed ||= isForeign;
      connection.attachment = isForeign
        ? { v: 0 }
        : olderShape(connection.attachment, this.#kind.isAttachment, random);
    }
    if (!this.hibernate()) this.abort(true);
  }

  #threw(method: string, error: unknown, pending: Pending): void {
    this.#platform.thrown(this, method, error);
    pending.fail(remoteError(error));
  }

  #scheduleFlush(): void {
    this.#flush = this.#platform.scheduler.after(this.#platform.faults.commitDelay(), () => {
      this.#flush = null;
      if (this.isDoomed || this.#platform.faults.abortsAtCommit()) {
        this.isDoomed = false;
        this.abort(true);
        return;
      }
      this.storage.commit();
      this.#platform.touched.add(this);
      this.#armAlarm();
      this.#instance?.openGate();
    });
  }

  async #wake(): Promise<Instance> {
    const { scheduler, faults } = this.#platform;
    const idleSince = this.#instance?.touched_at ?? scheduler.now;
    if (scheduler.now - idleSince > HIBERNATES_AFTER_MS) this.hibernate();
    if (this.#instance) return this.#instance;
    const instance = new Instance(this, faults.clockSkew(), scheduler.now);
    this.#instance = instance;
    try {
      await instance.construct(() => this.#kind.create(new DurableState(instance, this.name)));
    } catch (error) {
      this.#instance = null;
      instance.end(new Error("not constructed"));
      throw error;
    }
    return instance;
  }

  async #enter(instance: Instance, method: string, args: readonly unknown[]): Promise<unknown> {
    const { scheduler, touched, trace } = this.#platform;
    trace.note(`${this.label} ${method}`);
    touched.add(this);
    instance.handling++;
    try {
      const entry: unknown = Reflect.get(instance.object, method);
      if (typeof entry !== "function") throw new TypeError(`${this.label} has no ${method}`);
      return await running.run(instance, () => Reflect.apply(entry, instance.object, args));
    } finally {
      instance.handling--;
      instance.touched_at = scheduler.now;
    }
  }

  #armAlarm(): void {
    const time = this.storage.alarm.due_at;
    if (time === (this.#alarm?.time ?? null)) return;
    this.#alarm?.event.cancel();
    this.#alarm = null;
    const { scheduler, faults, sabotage } = this.#platform;
    if (time === null || sabotage === "alarms never fire") return;
    const delay = Math.max(0, time - scheduler.now) + faults.alarmDelay();
    this.#alarm = { time, event: scheduler.after(delay, () => this.#fireAlarm()) };
  }

  #fireAlarm(): void {
    this.#alarm = null;
    const { alarm } = this.storage;
    alarm.fires();
    const info = { isRetry: this.#alarmFailures > 0, retryCount: this.#alarmFailures };
    void this.#wake()
      .then(async (instance) => {
        await this.#enter(instance, "alarm", [info]);
        // Only once the handler's writes are durable does the alarm count as done.
        instance.emit(() => {
          this.#alarmFailures = 0;
          alarm.handled(this.#platform.faults.repeatsAlarm());
          this.#armAlarm();
        });
      })
      .catch((error) => {
        this.#platform.thrown(this, "alarm", error);
        const pause = ALARM_RETRIES_MS[this.#alarmFailures++];
        alarm.failed(pause === undefined ? null : this.#platform.scheduler.now + pause);
        this.#armAlarm();
      });
  }
}

/** An error as it goes out: its name and message; no stack, no class. */
function remoteError(error: unknown): Error {
  const remote = new Error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error) remote.name = error.name;
  return Object.assign(remote, { remote: true });
}

/** An attachment as older code left it: without some of what the newer can do without. */
function olderShape(attachment: unknown, isAttachment: (value: unknown) => boolean, random: Random): unknown {
  if (typeof attachment !== "object" || attachment === null) return attachment;
  let shape = Object.entries(attachment);
  for (const [name] of shape) {
    const without = shape.filter(([other]) => other !== name);
    if (isAttachment(Object.fromEntries(without)) && random.chance(0.5)) shape = without;
  }
  return Object.fromEntries(shape);
}
