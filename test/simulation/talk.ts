import { KNOWN_MS, type Promptness } from "./client/promptness.ts";
import type { Evidence } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Runner } from "./runner.ts";
import { ToldMarks } from "./told-marks.ts";
import type { Chat } from "./world.ts";

/** People talk for so long, and so much. */
const TALK_MS = 2_000;
const MESSAGES = 30;
const DEEDS = 10;

/** What people do once nothing is in the way any more, to see how soon the others hear of it. */
export class Talk {
  readonly #runner: Runner;
  readonly #evidence: Evidence;
  readonly #promptness: Promptness;
  readonly #random: Random;

  constructor(runner: Runner, evidence: Evidence, promptness: Promptness, random: Random) {
    this.#runner = runner;
    this.#evidence = evidence;
    this.#promptness = promptness;
    this.#random = random;
  }

  async run(): Promise<void> {
    const { faults, trace } = this.#evidence.platform;
    trace.note("everyone talks");
    faults.calm();
    this.#promptness.begin();
    await this.#hear((chat) => this.#read(chat));
    if (!this.#runner.isBroken) await this.#hear((chat) => this.#talk(chat));
  }

  /** People act, and some moments later everyone has heard of it. */
  async #hear(act: (chat: Chat) => void): Promise<void> {
    const chats = this.#evidence.world.chats.filter(({ isFounded }) => isFounded);
    const marks = chats.map((chat) => new ToldMarks(this.#evidence, chat));
    for (const chat of chats) act(chat);
    await this.#runner.pass(TALK_MS + KNOWN_MS);
    for (const told of marks) await this.#runner.finish(told.check());
  }

  /** One reads what may long have been there. */
  #read({ people, seed: { conversation_id } }: Chat): void {
    this.#random.pick(this.#random.pick(people).devices).reading.read(conversation_id);
  }

  /** One writes much within a moment, while others say something too, read, and do this and that. */
  #talk(chat: Chat): void {
    const { conversation_id } = chat.seed;
    const writer = this.#random.pick(this.#random.pick(chat.people).devices);
    for (let count = 0; count < MESSAGES; count++) this.#sometime(() => writer.say(conversation_id, 1));
    for (let count = 0; count < DEEDS; count++) {
      const device = this.#random.pick(this.#random.pick(chat.people).devices);
      this.#sometime(() => this.#evidence.world.partake(chat, device));
    }
    // At last what one device sends has to come to its user's others, to which much of others has come.
    for (const { devices } of chat.people) {
      if (devices.length === 1) continue;
      const device = this.#random.pick(devices);
      this.#evidence.platform.scheduler.after(TALK_MS, () => device.say(conversation_id, 1));
    }
  }

  #sometime(act: () => void): void {
    this.#evidence.platform.scheduler.after(this.#random.between(0, TALK_MS), act);
  }
}
