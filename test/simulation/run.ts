import type { Device } from "./client/device.ts";
import { Ledger } from "./client/ledger.ts";
import { Promptness } from "./client/promptness.ts";
import { Directory } from "./directory.ts";
import { Faults } from "./faults.ts";
import { checkEverything, type Evidence } from "./invariants.ts";
import { deployObjects } from "./objects.ts";
import { makePlan, type Plan, type Scenario } from "./plan.ts";
import { installGlobals } from "./platform/globals.ts";
import { Platform, type Sabotage } from "./platform/platform.ts";
import { Scheduler } from "./platform/scheduler.ts";
import { Random } from "./random.ts";
import { Runner } from "./runner.ts";
import { Talk } from "./talk.ts";
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
  readonly #runner: Runner;
  readonly #seed: number;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #world: World;
  readonly #evidence: Evidence;
  readonly #talk: Talk;
  #entries = 0;

  constructor(seed: number, scenario: Scenario, sabotage: Sabotage | null) {
    const random = new Random(seed);
    const plan = makePlan(random.fork(), scenario);
    const scheduler = new Scheduler(random.fork(), BEGIN);
    const platform = new Platform(scheduler, new Faults(random.fork(), plan.rates, plan.pace), sabotage);
    this.#seed = seed;
    this.#plan = plan;
    this.platform = platform;
    this.#runner = new Runner(platform);
    this.#random = random.fork();
    const directory = new Directory(platform);
    const worker = new Worker(deployObjects(platform, directory, plan.vars));
    const ledger = new Ledger((rule, detail) => platform.violated(rule, detail));
    const promptness = new Promptness(platform);
    const world = new World(plan, { platform, worker, ledger, promptness, random: random.fork() });
    this.#world = world;
    this.#evidence = { platform, worker, world, ledger, directory };
    this.#talk = new Talk(this.#runner, this.#evidence, promptness, this.#random);
  }

  async run(): Promise<void> {
    this.platform.trace.note(JSON.stringify(this.#plan));
    await this.#storm();
    if (this.#runner.isBroken) return;
    await this.#heal();
    if (this.#runner.isBroken) return;
    await this.#check();
    if (!this.#runner.isBroken) await this.#rest();
    if (!this.#runner.isBroken) await this.#return();
    if (this.#runner.isBroken || !this.#plan.endsWithTalk) return;
    await this.#talk.run();
    if (!this.#runner.isBroken) await this.#check();
  }

  outcome(): Outcome {
    const { violations, trace } = this.platform;
    return {
      seed: this.#seed,
      scenario: this.#plan.scenario,
      violations,
      trace: trace.lines,
      hash: trace.hash,
      steps: this.#runner.steps,
      entries: this.#entries,
    };
  }

  async #storm(): Promise<void> {
    const { scheduler, faults } = this.platform;
    const { storm_ms, outages, deploys } = this.#plan;
    await this.#runner.finish(Promise.all(this.#world.devices.map((device) => device.login())));
    for (const device of this.#world.devices) device.isFirst = true;
    faults.begin();
    for (const { from_ms, to_ms } of outages) {
      scheduler.after(from_ms, () => faults.setDatabaseDown(true));
      scheduler.after(to_ms, () => faults.setDatabaseDown(false));
    }
    for (const time of deploys) scheduler.after(time, () => this.#deploy());
    for (const device of this.#world.devices) if (this.#random.chance(0.8)) device.sockets.goOnline();
    const founded = this.#world.chats.map((chat) => this.#stir(chat));
    await this.#runner.finish(Promise.all(founded));
    await this.#runner.pass(storm_ms);
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
    const { faults, trace } = this.platform;
    trace.note("the storm is over");
    faults.heal();
    for (const host of this.platform.hosts) host.isDoomed = false;
    for (const device of this.#world.devices) {
      if (this.#plan.givesUpUnsent) device.outbox.abandonAll();
      device.sockets.goOnline();
    }
    await this.#runner.pass(HEALING_MS);
    await this.#checkIdle();
  }

  /** While its users do nothing an object can hibernate, their sockets open; a look at them now and then is all it does. */
  async #checkIdle(): Promise<void> {
    const { hosts } = this.platform;
    const busy = new Map(hosts.map((host) => [host, host.keptAwakeBy]));
    for (let looks = 0; looks < IDLE_LOOKS; looks++) {
      for (const host of busy.keys()) if (host.keptAwakeBy === null) busy.delete(host);
      await this.#runner.pass(1_000);
    }
    for (const [{ label }, what] of busy) this.platform.violated("idle costs nothing", `${label}: ${what}`);
  }

  /** Everyone goes: nothing may keep an object awake, and no alarm may go on for ever. */
  async #rest(): Promise<void> {
    const { scheduler, trace, hosts } = this.platform;
    trace.note("everyone leaves");
    for (const device of this.#world.devices) device.sockets.goOffline();
    await this.#runner.pass(REST_MS);
    if (scheduler.isEmpty) return;
    const busy = hosts.flatMap(({ label, keptAwakeBy, hasAlarm }) =>
      keptAwakeBy !== null || hasAlarm ? `${label} (${keptAwakeBy ?? "an alarm"})` : [],
    );
    this.platform.violated("idle costs nothing", `an hour after everyone left: ${busy.join(", ")}`);
  }

  /** Everyone comes back: what was acknowledged is not pushed again (DLV-1). */
  async #return(): Promise<void> {
    this.platform.trace.note("everyone returns");
    for (const device of this.#world.devices) device.sockets.goOnline();
    await this.#runner.pass(20_000);
    for (const device of this.#world.devices) checkReturn(device);
  }

  async #check(): Promise<void> {
    this.#entries = await this.#runner.finish(checkEverything(this.#evidence));
  }

  #deploy(): void {
    this.platform.trace.note("a deploy");
    for (const host of this.platform.hosts) host.redeploy(this.#random);
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
