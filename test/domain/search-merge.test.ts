import fc from "fast-check";
import { expect, it } from "vitest";
import { messageOf } from "../../src/domain/entry.ts";
import { mergeSearched, type Searched, type SearchPlace } from "../../src/domain/search-merge.ts";
import type { SearchHit } from "../../src/protocol/search.ts";
import { entryOf } from "./samples.ts";

type Conversations = ReadonlyMap<string, readonly SearchHit[]>;

/** Conversations with hits at some times; times ascend with `seq`, and may be equal. */
const anyConversations = fc.array(fc.array(fc.nat(20), { maxLength: 8 }), { maxLength: 5 }).map(
  (conversations): Conversations =>
    new Map(
      conversations.map((times, index) => {
        const sorted = times.toSorted((a, b) => a - b);
        const hits = sorted.map((created_at, at) => hit(`conversation ${index}`, at + 1, created_at));
        return [`conversation ${index}`, hits.reverse()];
      }),
    ),
);

function hit(conversation_id: string, seq: number, created_at: number): SearchHit {
  return { message: messageOf(entryOf(seq, { created_at }), conversation_id), highlights: [] };
}

/** What a conversation answers: so many hits at most. */
function search(conversations: Conversations, place: SearchPlace, most: number): Searched {
  const { conversation_id, before_seq } = place;
  const all = (conversations.get(conversation_id) ?? []).filter(
    ({ message }) => message.seq < (before_seq ?? Infinity),
  );
  const hits = all.slice(0, most);
  const last = hits.at(-1);
  const rest = all.length > hits.length && last ? { conversation_id, before_seq: last.message.seq } : null;
  return { place, hits, rest };
}

it("hits of several conversations come newest first, every one once, over any number of pages", () => {
  fc.assert(
    fc.property(anyConversations, fc.integer({ min: 1, max: 6 }), (conversations, limit) => {
      let places = [...conversations.keys()].map(
        (conversation_id): SearchPlace => ({
          conversation_id,
          before_seq: null,
        }),
      );
      const shown: SearchHit[] = [];
      while (places.length > 0) {
        const merged = mergeSearched(
          places.map((place) => search(conversations, place, limit)),
          limit,
        );
        expect(merged.hits.length).toBeLessThanOrEqual(limit);
        shown.push(...merged.hits);
        places = merged.places;
      }
      expect(shown).toHaveLength([...conversations.values()].flat().length);
      expect(new Set(shown).size).toBe(shown.length);
      const times = shown.map(({ message }) => message.created_at);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      for (const [conversation_id, hits] of conversations) {
        expect(shown.filter(({ message }) => message.conversation_id === conversation_id)).toEqual(hits);
      }
    }),
  );
});

it("a conversation of which nothing was taken goes on before what arrives meanwhile", () => {
  const [a, b] = ["a", "b"].map((conversation_id) => ({ conversation_id, before_seq: null }));
  if (!a || !b) throw new Error("there are two");
  const newer = { place: a, hits: [hit("a", 3, 20)], rest: null };
  const older = { place: b, hits: [hit("b", 7, 10)], rest: null };
  expect(mergeSearched([newer, older], 1).places).toEqual([{ conversation_id: "b", before_seq: 8 }]);
});

it("a conversation that is not done stays where it is", () => {
  const place = { conversation_id: "a", before_seq: 9 };
  expect(mergeSearched([{ place, hits: [], rest: place }], 5)).toEqual({ hits: [], places: [place] });
  expect(mergeSearched([{ place, hits: [], rest: null }], 5)).toEqual({ hits: [], places: [] });
});
