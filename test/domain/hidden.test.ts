import { describe, expect, it } from "vitest";
import type { ReadState } from "../../src/domain/hand-over.ts";
import { succeeding } from "../../src/domain/hidden.ts";

const READ: ReadState = { read_seq: 0, unread_count: 3, mention_count: 0, as_of_seq: 3 };

function hiding(count: number, ...places: number[]): ReadState {
  const news = places.map((place) => ({ place, seq: place, message_id: `m${place}`, before: null }));
  return { ...READ, hidden: { count, unread_seqs: [], news } };
}

describe("a read state that takes the place of one that was not handed over", () => {
  it("[UNR-2] takes its news of hidden messages along, each once and in order", () => {
    const later = { ...hiding(3, 2, 3), read_seq: 2 };
    expect(succeeding(hiding(2, 1, 2), later)).toEqual({ ...hiding(3, 1, 2, 3), read_seq: 2 });
    expect(succeeding(hiding(2, 1, 2), hiding(2))).toEqual(hiding(2, 1, 2));
    expect(succeeding(READ, hiding(1, 1))).toEqual(hiding(1, 1));
    expect(succeeding(null, READ)).toBe(READ);
  });
});
