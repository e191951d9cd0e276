/** One emoji as people see it, however many code points it takes (UTS #51, RGI emoji). */
const EMOJI = /^\p{RGI_Emoji}$/v;

/** Asks for the colourful form of what can be text as well, like a heart. */
const EMOJI_VARIATION = "\u{FE0F}";

/** The emoji in the one form in which it is kept, or null if it is none, or more than one. */
export function emojiOf(text: string): string | null {
  if (EMOJI.test(text)) return text;
  const colourful = text + EMOJI_VARIATION;
  return EMOJI.test(colourful) ? colourful : null;
}
