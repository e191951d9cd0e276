import fc from "fast-check";

/** What people write in many scripts, and what a query language might take for its own. */
const PIECES = [
  ..."aAbBzZ019 éÉñßẞŁøÆıİΣςйЁ",
  ..."世界你好手机骨々〆ーがガｶﾞ한국어ไทยดีำกก็ພາສາမြန်ភាសា",
  ..."हिन्दीאָבשלוםمُعَلّـ𠮷𝕏ﬁ½⑴ﷺ",
  ..."\"“”*-:^(){}[]+.,'`_@#\\/&|!?~<>=;$%",
  ..."\t\n\0\u00ad\u200b\u200d\ufe0f",
  ..."😀🎉👩‍👩‍👧",
  "e\u0301",
  "か\u3099",
  "\u1112\u1161\u11ab",
  " AND ",
  " OR ",
  " NOT ",
  "NEAR(",
  "hello",
  "Wörld",
];

/** Texts of such pieces, and any others. */
export const anyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((found) => found.join("")),
  },
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
);

/** A text, and a query that may have been taken out of it. */
export const textAndQuery = fc.oneof(
  fc.tuple(anyText, anyText),
  fc
    .tuple(anyText, fc.nat(40), fc.nat(12), fc.constantFrom("", "*", '"'))
    .map(([text, from, length, end]): [string, string] => {
      const points = [...text];
      return [
        text,
        points.slice(from % (points.length + 1), (from % (points.length + 1)) + length).join("") + end,
      ];
    }),
);

/** Does an index into a text stand between the halves of a code point? */
export function cutsCodePoint(text: string, index: number): boolean {
  return /[\uD800-\uDBFF]$/.test(text.slice(0, index)) && /^[\uDC00-\uDFFF]/.test(text.slice(index));
}
