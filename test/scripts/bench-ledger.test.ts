import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogLedger, ReceiveLedger, SendLedger } from "../../bench/client/ledger.ts";

const FIRST_SEQ = 17;

/** What a member's ledger says of these places, each with the message that stands there, when so many were acked. */
function faultsOf(seqs: readonly number[], owed = seqs.length) {
  const ledger = new ReceiveLedger(new LogLedger());
  for (const seq of seqs) ledger.receive(seq, 0, seq);
  return ledger.faults(owed);
}

const log = fc
  .integer({ min: 3, max: 40 })
  .map((length) => Array.from({ length }, (_, at) => FIRST_SEQ + at));
const spoiled = log.chain((seqs) => fc.tuple(fc.constant(seqs), fc.nat(seqs.length - 2)));

describe("what a receiver got", () => {
  it("finds no fault in a whole log, in order", () => {
    fc.assert(
      fc.property(log, (seqs) => {
        expect(faultsOf(seqs)).toEqual({ lost: 0, doubled: 0, reordered: 0 });
      }),
    );
  });

  it("counts each message that did not come, wherever it is missing", () => {
    fc.assert(
      fc.property(spoiled, ([seqs, at]) => {
        expect(faultsOf(seqs.toSpliced(at, 1), seqs.length)).toEqual({ lost: 1, doubled: 0, reordered: 0 });
      }),
    );
  });

  it("counts each message that came twice, at once or later", () => {
    fc.assert(
      fc.property(spoiled, ([seqs, at]) => {
        const again = seqs[at] ?? 0;
        const expected = { lost: 0, doubled: 1, reordered: 0 };
        expect(faultsOf(seqs.toSpliced(at, 0, again), seqs.length)).toEqual(expected);
        expect(faultsOf([...seqs, again], seqs.length)).toEqual(expected);
      }),
    );
  });

  it("counts a message that came after a later one, also the very first", () => {
    fc.assert(
      fc.property(spoiled, ([seqs, at]) => {
        const [early, late] = [seqs[at] ?? 0, seqs[at + 1] ?? 0];
        expect(faultsOf(seqs.toSpliced(at, 2, late, early))).toEqual({ lost: 0, doubled: 0, reordered: 1 });
      }),
    );
  });

  it("counts a message more than was acked as doubled", () => {
    expect(faultsOf([1, 2, 3], 2)).toEqual({ lost: 0, doubled: 1, reordered: 0 });
  });

  it("finds two members who saw different messages at one place", () => {
    const shared = new LogLedger();
    const [first, second] = [new ReceiveLedger(shared), new ReceiveLedger(shared)];
    first.receive(1, 0, 0);
    second.receive(1, 3, 0);
    expect(first.faults(1).reordered).toBe(0);
    expect(second.faults(1).reordered).toBe(1);
  });
});

describe("what a sender was acked", () => {
  function ledgerWith(acks: readonly (readonly [number: number, seq: number])[], sent = 3): SendLedger {
    const ledger = new SendLedger(new LogLedger(), 0);
    for (let count = 0; count < sent; count++) ledger.send(0);
    for (const [number, seq] of acks) ledger.ack(number, seq);
    return ledger;
  }

  it("finds no fault in one ack for each, ascending", () => {
    const ledger = ledgerWith([
      [0, 5],
      [1, 6],
      [2, 9],
    ]);
    expect(ledger.faults()).toEqual({ lost: 0, doubled: 0, reordered: 0 });
  });

  it("counts what was not answered", () => {
    expect(ledgerWith([[0, 5]]).faults()).toEqual({ lost: 2, doubled: 0, reordered: 0 });
  });

  it("counts a second ack for the same message", () => {
    const ledger = ledgerWith(
      [
        [0, 5],
        [0, 5],
      ],
      1,
    );
    expect(ledger.faults()).toEqual({ lost: 0, doubled: 1, reordered: 0 });
  });

  it("counts an ack at an earlier place than the one before", () => {
    const ledger = ledgerWith(
      [
        [0, 6],
        [1, 5],
      ],
      2,
    );
    expect(ledger.faults()).toEqual({ lost: 0, doubled: 0, reordered: 1 });
  });

  it("counts an ack whose place a receiver saw taken by another message", () => {
    const shared = new LogLedger();
    new ReceiveLedger(shared).receive(5, 0, 1);
    const ledger = new SendLedger(shared, 0);
    ledger.send(0);
    ledger.ack(0, 5);
    expect(ledger.faults().reordered).toBe(1);
  });
});
