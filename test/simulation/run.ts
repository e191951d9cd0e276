import type { Device } from "./client/device.ts";
import { Ledger } from "./client/ledger.ts";
import { Directory } from "./directory.ts";
import { Faults } from "./faults.ts";
import { checkEverything } from "./invariants.ts";
import { deployObjects } from "./objects.ts";
import { makePlan, type Plan, type Scenario } from "./plan.ts";
import { installGlobals } from "./platform/globals.ts";
import { Platform, type Sabotage } from "./platform/platform.ts";
import { Scheduler } from "./platform/scheduler.ts";
import { Random } from "./random.ts";
import { Worker } from "./worker.ts";
import { type Chat, World } from "./world.ts";

/** What a run came to. */
export interface Outcome {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** The same whenever the same happened. */
  readonly hash: string;
  readonly steps: number;
  readonly entries: number;
}

const BEGIN = Date.UTC(2027, 0, 1);
/**
 * After the storm, what went wrong is made good within this: late calls, time limits, backoff, and the alarms, of which
 * the look at open sockets comes only every three minutes.
 */
const HEALING_MS = 300_000;
/** So many seconds an object that has nothing to do may seem busy. */
const IDLE_LOOKS = 5;
/** By then an object whose users have gone must have come to rest. */
const REST_MS = 3_600_000;
/** More than a run needs; whatever goes on beyond this goes on for ever. */
const MAX_STEPS = 200_000;

/** Runs the world of one seed through its storm and its healing, and checks what must hold. With a sabotage it must not. */
export async function simulate(
  seed: number,
  scenario: Scenario = "messages",
  sabotage: Sabotage | null = null,
): Promise<Outcome> {
  const simulation = new Simulation(seed, scenario, sabotage);
  const restoreGlobals = installGlobals(simulation.platform);
  const restoreRejections = catchRejections((error) =>
    simulation.platform.violated("no promise is left to fail", String(error)),
  );
  try {
    await simulation.run();
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error);
    simulation.platform.violated("the simulation runs to its end", String(stack));
  } finally {
    restoreRejections();
    restoreGlobals();
    simulation.platform.close();
  }
  return simulation.outcome();
}

/** While a run lasts, a promise that nobody waits for is the run's affair and no one else's. */
function catchRejections(caught: (error: unknown) => void): () => void {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", caught);
  return () => {
    process.off("unhandledRejection", caught);
    for (const listener of others) process.on("unhandledRejection", listener);
  };
}

class Simulation {
  readonly platform: Platform;
  readonly #seed: number;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #ledger: Ledger;
  readonly #worker: Worker;
  readonly #world: World;
  #steps = 0;
  #entries = 0;

  constructor(seed: number, scenario: Scenario, sabotage: Sabotage | null) {
    const random = new Random(seed);
    const plan = makePlan(random.fork(), scenario);
    const scheduler = new Scheduler(random.fork(), BEGIN);
    const platform = new Platform(scheduler, new Faults(random.fork(), plan.rates, plan.pace), sabotage);
    this.#seed = seed;
    this.#plan = plan;
    this.platform = platform;
    this.#random = random.fork();
    this.#directory = new Directory(platform);
    this.#worker = new Worker(deployObjects(platform, this.#directory, plan.vars));
    this.#ledger = new Ledger((rule, detail) => platform.violated(rule, detail));
    const context = { platform, worker: this.#worker, ledger: this.#ledger, random: random.fork() };
    this.#world = new World(plan, context);
  }

  async run(): Promise<void> {
    this.platform.trace.note(JSON.stringify(this.#plan));
    await this.#storm();
    if (this.#isBroken) return;
    await this.#heal();
    if (this.#isBroken) return;
    this.#entries = await this.#finish(
      checkEverything({
        platform: this.platform,
        worker: this.#worker,
        world: this.#world,
        ledger: this.#ledger,
        directory: this.#directory,
      }),
    );
    if (!this.#isBroken) await this.#rest();
    if (!this.#isBroken) await this.#return();
  }

  outcome(): Outcome {
    const { violations, trace } = this.platform;
    return {
      seed: this.#seed,
      scenario: this.#plan.scenario,
      violations,
      trace: trace.lines,
      hash: trace.hash,
      steps: this.#steps,
      entries: this.#entries,
    };
  }

  get #isBroken(): boolean {
    return this.platform.violations.length > 0;
  }

  async #storm(): Promise<void> {
    const { scheduler, faults } = this.platform;
    const { storm_ms, outages, deploys } = this.#plan;
    await this.#finish(Promise.all(this.#world.devices.map((device) => device.login())));
    for (const device of this.#world.devices) device.isFirst = true;
    faults.begin();
    for (const { from_ms, to_ms } of outages) {
      scheduler.after(from_ms, () => faults.setDatabaseDown(true));
      scheduler.after(to_ms, () => faults.setDatabaseDown(false));
    }
    for (const time of deploys) scheduler.after(time, () => this.#deploy());
    for (const device of this.#world.devices) if (this.#random.chance(0.8)) device.sockets.goOnline();
    const founded = this.#world.chats.map((chat) => this.#stir(chat));
    await this.#finish(Promise.all(founded));
    await this.#runUntil(scheduler.now + storm_ms);
  }

  /** From its founding on, people do things in a conversation until it goes quiet. */
  async #stir(chat: Chat): Promise<void> {
    if (!(await this.#world.found(chat, this.#plan.givesUpFounding))) return;
    const share = Math.ceil(this.#plan.actions / this.#world.chats.length);
    for (let count = 0; count < share; count++) {
      const time = this.#random.between(0, chat.quiet_ms);
      this.platform.scheduler.after(time, () => this.#world.act(chat));
    }
    this.platform.scheduler.after(chat.quiet_ms, () => this.#actLast(chat));
  }

  #actLast(chat: Chat): void {
    if (this.#random.chance(0.7)) this.#world.actLast(chat);
    const host = this.platform.hosts.find(({ name }) => name === chat.seed.conversation_id);
    if (host && this.#plan.endsWithBlow) host.isDoomed = true;
  }

  async #heal(): Promise<void> {
    const { scheduler, faults, trace } = this.platform;
    trace.note("the storm is over");
    faults.heal();
    for (const host of this.platform.hosts) host.isDoomed = false;
    for (const device of this.#world.devices) {
      if (this.#plan.givesUpUnsent) device.outbox.abandonAll();
      device.sockets.goOnline();
    }
    await this.#runUntil(scheduler.now + HEALING_MS);
    await this.#checkIdle();
  }

  /** While its users do nothing an object can hibernate, their sockets open; a look at them now and then is all it does. */
  async #checkIdle(): Promise<void> {
    const { scheduler, hosts } = this.platform;
    const busy = new Map(hosts.map((host) => [host, host.keptAwakeBy]));
    for (let looks = 0; looks < IDLE_LOOKS; looks++) {
      for (const host of busy.keys()) if (host.keptAwakeBy === null) busy.delete(host);
      await this.#runUntil(scheduler.now + 1_000);
    }
    for (const [{ label }, what] of busy) this.platform.violated("idle costs nothing", `${label}: ${what}`);
  }

  /** Everyone goes: nothing may keep an object awake, and no alarm may go on for ever. */
  async #rest(): Promise<void> {
    const { scheduler, trace, hosts } = this.platform;
    trace.note("everyone leaves");
    for (const device of this.#world.devices) device.sockets.goOffline();
    await this.#runUntil(scheduler.now + REST_MS);
    if (scheduler.isEmpty) return;
    const busy = hosts.flatMap(({ label, keptAwakeBy, hasAlarm }) =>
      keptAwakeBy !== null || hasAlarm ? `${label} (${keptAwakeBy ?? "an alarm"})` : [],
    );
    this.platform.violated("idle costs nothing", `an hour after everyone left: ${busy.join(", ")}`);
  }

  /** Everyone comes back: what was acknowledged is not pushed again (DLV-1). */
  async #return(): Promise<void> {
    const { scheduler, trace } = this.platform;
    trace.note("everyone returns");
    for (const device of this.#world.devices) device.sockets.goOnline();
    await this.#runUntil(scheduler.now + 20_000);
    for (const device of this.#world.devices) checkReturn(device);
  }

  #deploy(): void {
    this.platform.trace.note("a deploy");
    for (const host of this.platform.hosts) host.redeploy(this.#random);
  }

  async #finish<T>(work: Promise<T>): Promise<T> {
    let hasEnded = false;
    const ended = () => {
      hasEnded = true;
    };
    work.then(ended, ended);
    while (!hasEnded && (await this.#step(Number.POSITIVE_INFINITY)));
    if (!hasEnded) throw new Error("something is waited for, and nothing more will happen");
    return work;
  }

  async #runUntil(time: number): Promise<void> {
    while (!this.#isBroken && (await this.#step(time)));
    this.platform.scheduler.now = Math.max(this.platform.scheduler.now, time);
  }

  async #step(until: number): Promise<boolean> {
    const { scheduler, faults, touched } = this.platform;
    if (++this.#steps > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} steps`);
    if (!(await scheduler.step(until))) return false;
    for (const host of touched) {
      if (faults.aborts()) host.abort(faults.keepsWrites());
      else if (faults.hibernates()) host.hibernate();
    }
    touched.clear();
    return true;
  }
}

function checkReturn(device: Device): void {
  if (!device.sockets.isSynced) device.violated("DLV-1", "was not told that it has everything");
  if (device.sockets.repeatedSinceConnect > 0) {
    device.violated(
      "DLV-1",
      `was pushed ${device.sockets.repeatedSinceConnect} entries again that it had acknowledged`,
    );
  }
}
