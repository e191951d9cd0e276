import fc from "fast-check";
import { expect, it } from "vitest";
import { groupId, oneOnOneId } from "../../src/domain/conversation-id.ts";
import { conversationIdSchema } from "../../src/protocol/ids.ts";

it("[CONV-1] gives a pair the same id whoever asks, and no other pair that id", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (one, other, third) => {
      const id = oneOnOneId(one, other);
      expect(conversationIdSchema.safeParse(id).success).toBe(true);
      expect(oneOnOneId(other, one)).toBe(id);
      if (third !== other) expect(oneOnOneId(one, third)).not.toBe(id);
    }),
  );
});

it("[IDEM-2] gives a creator the same group for the same key, and nobody else", () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.uuid(),
      fc.string({ unit: "grapheme-ascii", minLength: 1 }),
      (one, other, key) => {
        const id = groupId(one, key);
        expect(conversationIdSchema.safeParse(id).success).toBe(true);
        expect(groupId(one, key)).toBe(id);
        expect(groupId(one, `${key}.`)).not.toBe(id);
        if (other !== one) expect(groupId(other, key)).not.toBe(id);
        expect(oneOnOneId(one, other)).not.toBe(id);
      },
    ),
  );
});

it("[CONV-1] [IDEM-2] never changes: the ids are stored", () => {
  const one = "01890000-0000-7000-8000-000000000001";
  const other = "01890000-0000-7000-8000-000000000002";
  expect(oneOnOneId(one, other)).toBe(oneOnOneId(other, one));
  expect(oneOnOneId(one, other)).toMatchInlineSnapshot(`"0ff3f6d1-b254-50ac-802e-878b2279f12a"`);
  expect(groupId(one, "key")).toMatchInlineSnapshot(`"5abafacb-00b5-51a3-9931-d52d6a152e03"`);
});
