import fc from "fast-check";
import { clientFrameSchema } from "../../src/protocol/frames/client-frame.ts";
import { fromZod, type Known } from "./from-schema.ts";
import { treeOf, writeJson } from "./json-tree.ts";
import { mutate, mutations, spoiled } from "./mutations.ts";

/** A little over what a batch may hold. */
const MAX_BATCH = 110;

/** The texts of WebSocket messages: frames, and batches of them, valid or mutated. */
export function messagesOf(known: Known): fc.Arbitrary<string> {
  const frame = fc.oneof(...clientFrameSchema.options.map((schema) => fromZod(schema, known)));
  const batch = fc.array(frame, { maxLength: MAX_BATCH });
  return fc
    .tuple(fc.oneof({ arbitrary: frame, weight: 9 }, { arbitrary: batch, weight: 1 }), mutations, spoiled)
    .map(([valid, changes, spoil]) => spoil(writeJson(mutate(treeOf(valid), changes))));
}
