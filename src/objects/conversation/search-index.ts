import { type Block, cutBlocks, termsOf } from "../../domain/search-index.ts";
import { nextTurn } from "../runtime/turn.ts";
import type { IndexedEntry, SearchStore } from "./search-store.ts";

/**
 * So much is indexed in one turn, and in one transaction: some 10 ms. Messages that come in meanwhile wait for one step,
 * and no longer.
 */
const STEP_ENTRIES = 256;
const STEP_CHARS = 40_000;

/**
 * Catches the index up with the log: when somebody searches, and only then, so that a message costs nothing for it. How
 * far it is stands in the index itself, so that whoever comes after a crash goes on from there.
 */
export class SearchIndex {
  readonly #storage: DurableObjectStorage;
  readonly #store: SearchStore;
  readonly #headSeq: () => number;
  /** The catch-up under way, which all who search wait for. */
  #catchUp: Promise<void> | null = null;

  constructor(storage: DurableObjectStorage, store: SearchStore, headSeq: () => number) {
    this.#storage = storage;
    this.#store = store;
    this.#headSeq = headSeq;
  }

  /**
   * Resolves when the index has the log up to its end, but for a rest that fills no block. Whoever waits for it goes on
   * before anything else happens.
   */
  catchUp(): Promise<void> {
    this.#catchUp ??= this.#run().finally(() => {
      this.#catchUp = null;
    });
    return this.#catchUp;
  }

  async #run(): Promise<void> {
    while (this.#step()) await nextTurn();
  }

  /** False if the end of the log was reached: what comes in later is for the next who searches. */
  #step(): boolean {
    const indexed_seq = this.#store.indexedSeq();
    const entries = this.#store.entriesAfter(indexed_seq, STEP_ENTRIES, STEP_CHARS);
    const due = dueBlocks(entries);
    if (due.length === 0) return false;
    let isCutShort = entries.at(-1)?.seq !== this.#headSeq();
    this.#storage.transactionSync(() => {
      this.#store.create();
      let left = STEP_CHARS;
      for (const block of due) {
        if (left <= 0) isCutShort = true;
        else left -= this.#index(block) + this.#indexAgain(block, indexed_seq);
      }
    });
    return isCutShort;
  }

  /** Answers what it cost, in characters. */
  #index(entries: readonly IndexedEntry[]): number {
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return 0;
    const contents = entries.map(({ content }) => content);
    this.#store.put({ first_seq: first.seq, last_seq: last.seq }, termsOf(contents));
    return contents.join("").length;
  }

  /** The texts that these entries have changed, where they are indexed as they were before. */
  #indexAgain(entries: readonly IndexedEntry[], indexed_seq: number): number {
    const blocks = new Map<number, Block>();
    for (const { target_seq } of entries) {
      if (target_seq === null || target_seq > indexed_seq) continue;
      const block = this.#store.blockAt(target_seq);
      if (block) blocks.set(block.first_seq, block);
    }
    let cost = 0;
    for (const block of blocks.values()) cost += this.#index(this.#store.entriesOf(block));
    return cost;
  }
}

/**
 * What is to be indexed of entries that follow the index: full blocks. The rest is read by whoever searches, which costs
 * no row; unless it changes what is indexed, which would still be found by what it said before.
 */
function dueBlocks(entries: readonly IndexedEntry[]): IndexedEntry[][] {
  const blocks = cutBlocks(entries);
  const rest = blocks.find(({ isComplete }) => !isComplete);
  const rest_seq = rest?.entries[0]?.seq ?? 0;
  const isDue = rest?.entries.some(({ target_seq }) => target_seq !== null && target_seq < rest_seq);
  return blocks.filter((block) => block !== rest || isDue).map((block) => block.entries);
}
