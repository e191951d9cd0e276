import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Outbox } from "../../sdk/outbox/outbox.ts";
import { Keeper } from "../../sdk/storage/keeper.ts";
import { MemoryStorage } from "../../sdk/storage/memory-storage.ts";
import { OwnStorage } from "../../sdk/storage/own-storage.ts";
import { messagesOf, storedMessageSchema } from "../../sdk/storage/records.ts";
import type { StorageWrite } from "../../sdk/storage/storage.ts";
import { hasSeq, topOf } from "../../sdk/sync/ranges.ts";
import { Replica } from "../../sdk/sync/replica.ts";
import { FakeEnvironment } from "./support/fake-environment.ts";
import { CHAT, LogModel, ME, stepArbitrary } from "./support/log-model.ts";

const CACHED = 8;

const moveArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "comes" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("back" as const), limit: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("jumps" as const), place: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("hides" as const), place: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ kind: "is written" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "cannot be written" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "is trimmed" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "is reloaded" as const }) },
);
type Move = typeof moveArbitrary extends fc.Arbitrary<infer T> ? T : never;

const sessionArbitrary = fc.record({
  moves: fc.array(
    fc.constantFrom("comes" as const, "comes" as const, "comes" as const, "is written" as const),
    { maxLength: 40, size: "max" },
  ),
  isOpened: fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0),
});

type Session = typeof sessionArbitrary extends fc.Arbitrary<infer T> ? T : never;

const WORN = new Error("the disk is worn");

/** One that cannot write so many times. */
class WornStorage extends MemoryStorage {
  failures = 0;

  override write(writes: readonly StorageWrite[]): Promise<void> {
    return this.#isWorn() ? Promise.reject(WORN) : super.write(writes);
  }

  override clear(): Promise<void> {
    return this.#isWorn() ? Promise.reject(WORN) : super.clear();
  }

  #isWorn(): boolean {
    const isWorn = this.failures > 0;
    if (isWorn) this.failures--;
    return isWorn;
  }
}

/** A device that comes to a conversation of which `begin` entries are there, and keeps what it sees of it. */
class Device {
  readonly #model: LogModel;
  readonly storage = new WornStorage();
  readonly #own = new OwnStorage(this.storage, ME);
  head_seq: number;
  replica = new Replica(ME);
  keeper = this.#newKeeper();

  constructor(model: LogModel, begin: number) {
    this.#model = model;
    this.head_seq = begin;
  }

  get log() {
    return this.replica.conversation(CHAT).log;
  }

  async reload(): Promise<void> {
    await this.begin();
    await this.keeper.loadMessages(CHAT);
  }

  /** Nobody opens the conversation. */
  async begin(): Promise<void> {
    await this.written();
    this.replica = new Replica(ME);
    this.keeper = this.#newKeeper();
    await this.keeper.restore();
  }

  async written(): Promise<void> {
    for (let { failures } = this.storage; !(await this.keeper.flush()); failures--)
      expect(failures).toBeGreaterThan(0);
  }

  async stored() {
    await this.written();
    const entries = await this.#own.list(messagesOf(CHAT));
    return entries.map(({ value }) => storedMessageSchema.parse(value));
  }

  /** Every message of the entries that it knows is there, as it was last. */
  expectWhole(): void {
    const { log, head_seq } = this;
    const held = this.#model.messages(head_seq).filter(({ seq }) => hasSeq(log.held, seq));
    expect(held.map(({ seq }) => log.get(seq)?.message)).toEqual(held);
  }

  async does(move: Move): Promise<void> {
    const { replica } = this;
    if (move.kind === "comes") this.#comes();
    if (move.kind === "back")
      this.#page({ before_seq: this.log.held[0]?.from_seq ?? Infinity, limit: move.limit });
    if (move.kind === "jumps") this.#page({ before_seq: 2 + (move.place % this.head_seq), limit: 4 });
    if (move.kind === "hides") {
      const payload = { conversation_id: CHAT, seq: 1 + (move.place % this.head_seq) };
      replica.takeFrame({ type: "MESSAGE_HIDDEN", payload: { ...payload, message_id: "" } }, "device", 0);
    }
    if (move.kind === "is trimmed") this.log.keep([], CACHED);
    this.keeper.note(replica.takeNotes());
    if (move.kind === "is written") await this.keeper.flush();
    if (move.kind === "cannot be written") this.storage.failures++;
    if (move.kind === "is reloaded") await this.reload();
  }

  /** Nobody looks, but perhaps at the end. */
  async livesThrough({ moves, isOpened }: Session): Promise<void> {
    await this.begin();
    for (const kind of moves) {
      await this.does({ kind });
      // As the engine does with what nobody looks at.
      if (this.log.size > 2 * CACHED) await this.does({ kind: "is trimmed" });
    }
    if (isOpened) await this.keeper.loadMessages(CHAT);
  }

  #comes(): void {
    const entry = this.#model.entries[this.head_seq];
    if (!entry) return;
    this.head_seq++;
    this.replica.takeFrame(this.#model.frame(entry), "device", 0);
  }

  #page(query: { readonly before_seq: number; readonly limit: number }): void {
    this.replica.takePage(CHAT, query, this.#model.page(query, this.head_seq), false);
  }

  #newKeeper(): Keeper {
    return new Keeper({
      environment: new FakeEnvironment(),
      storage: this.storage,
      replica: this.replica,
      outbox: new Outbox(),
      cached_messages: CACHED,
      failed: (error) => {
        if (error !== WORN) throw error;
      },
    });
  }
}

describe("what is kept of a conversation", () => {
  it("has every message of the entries that it says it has, as it was last, and none as it was before, whatever could not be written at first", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArbitrary, { minLength: 40, maxLength: 80 }),
        fc.array(moveArbitrary, { maxLength: 120, size: "max" }),
        fc.integer({ min: 1, max: 30 }),
        async (steps, moves, begin) => {
          const model = new LogModel(steps);
          fc.pre(model.head_seq > 0);
          const device = new Device(model, Math.min(begin, model.head_seq));
          await device.reload();
          for (const move of moves) await device.does(move);
          const newest_seq = topOf(device.log.held);
          for (const { message } of await device.stored()) {
            expect(message).toEqual(model.message(message.seq, device.head_seq));
          }
          await device.reload();
          expect(topOf(device.log.held)).toBe(newest_seq);
          device.expectWhole();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is no more where nobody looks, however often the device begins anew", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArbitrary, { minLength: 100, maxLength: 200, size: "max" }),
        fc.array(sessionArbitrary, { minLength: 1, maxLength: 12, size: "max" }),
        async (steps, sessions) => {
          const device = new Device(new LogModel(steps), 0);
          for (const session of sessions) {
            await device.livesThrough(session);
            expect((await device.stored()).length).toBeLessThanOrEqual(3 * CACHED);
            device.expectWhole();
          }
          await device.reload();
          expect((await device.stored()).length).toBeLessThanOrEqual(CACHED);
          device.expectWhole();
        },
      ),
      { numRuns: 150 },
    );
  });

  it("goes when it is void, also if it could not be deleted at first", async () => {
    const device = new Device(new LogModel([{ kind: "message", sender_id: ME, isFromHere: false }]), 0);
    await device.reload();
    await device.does({ kind: "comes" });
    expect(await device.stored()).toHaveLength(1);
    device.storage.failures = 2;
    device.replica.clear();
    await device.keeper.reset();
    await device.keeper.flush();
    expect(await device.stored()).toEqual([]);
  });
});
