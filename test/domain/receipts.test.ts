import { describe, expect, it } from "vitest";
import {
  type Discreet,
  type Discretion,
  discreetAfter,
  discreetAfterRead,
  shownMarks,
} from "../../src/domain/receipts.ts";

const marks = (read_seq: number) => ({ delivered_seq: 9, delivered_at: 1, read_seq, read_at: 1 });
const open: Discretion = { is_request: false, discreet: null };

/** How far others see that a member has read. */
function shown(discreet: Discreet | null, read_seq: number): number {
  return shownMarks(marks(read_seq), { ...open, discreet }, true).read_seq;
}

describe("read receipts", () => {
  it("[DLV-6] who gives none sees none, and sees what was delivered", () => {
    expect(shownMarks(marks(5), open, false)).toEqual({ ...marks(5), read_seq: 0 });
    expect(shownMarks(marks(5), open, true)).toEqual(marks(5));
  });

  it("[DLV-6] turned off, what was read before stays known, and nothing more is", () => {
    const off = discreetAfter(null, false, marks(3));
    expect([shown(off, 3), shown(off, 7)]).toEqual([3, 3]);
    expect(shown(discreetAfterRead(off), 8)).toBe(3);
  });

  it("[DLV-6] turned on again, what was read meanwhile is not told, until something is read again", () => {
    const off = discreetAfter(null, false, marks(3));
    const on = discreetAfter(off, true, marks(7));
    expect(shown(on, 7)).toBe(3);
    expect(shown(discreetAfterRead(on), 8)).toBe(8);
    expect(shown(discreetAfter(on, false, marks(7)), 7)).toBe(3);
  });

  it("are the same object where nothing is new: no row is written", () => {
    expect(discreetAfter(null, true, marks(3))).toBeNull();
    const off = discreetAfter(null, false, marks(3));
    expect(discreetAfter(off, false, marks(5))).toBe(off);
    expect(discreetAfterRead(off)).toBe(off);
    const on = discreetAfter(off, true, marks(5));
    expect(discreetAfter(on, true, marks(5))).toBe(on);
  });

  it("[DLV-5] who has not accepted a conversation lets the others know of nothing", () => {
    expect(shownMarks(marks(5), { ...open, is_request: true }, true)).toMatchObject({
      ...{ delivered_seq: 0, read_seq: 0 },
    });
  });
});
