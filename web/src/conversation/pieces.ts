/** A text in pieces: what is a link, what names somebody, and the rest. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "mention"; readonly text: string; readonly user_id: string };

const CANDIDATE = /(?:https?:\/\/|www\.)[^\s<>"'`]+|(?<![a-z0-9_.@-])@[a-z0-9_]{3,50}(?![a-z0-9_])/giu;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** `mentioned`: who is named, by user name in lower case. */
export function piecesOf(content: string, mentioned: ReadonlyMap<string, string>): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of content.matchAll(CANDIDATE)) {
    const found = pieceOf(match[0], mentioned);
    if (!found) continue;
    if (match.index > end) pieces.push({ kind: "text", text: content.slice(end, match.index) });
    pieces.push(found);
    end = match.index + found.text.length;
  }
  if (end < content.length) pieces.push({ kind: "text", text: content.slice(end) });
  return pieces;
}

function pieceOf(candidate: string, mentioned: ReadonlyMap<string, string>): Piece | null {
  if (candidate.startsWith("@")) {
    const user_id = mentioned.get(candidate.slice(1).toLowerCase());
    return user_id === undefined ? null : { kind: "mention", text: candidate, user_id };
  }
  const text = withoutTail(candidate);
  const href = safeHref(/^www\./i.test(text) ? `https://${text}` : text);
  return href === null ? null : { kind: "link", text, href };
}

/** Nothing but the web: no `javascript:`, and no name and password that make an address look like another. */
export function safeHref(text: string): string | null {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  return url.username === "" && url.password === "" && url.hostname.includes(".") ? url.href : null;
}

/** Without what ends the sentence rather than the address. */
function withoutTail(text: string): string {
  let end = text.length;
  for (; end > 0; end--) {
    const last = text[end - 1] ?? "";
    const opening = PAIRS[last];
    const isUnbalanced =
      opening !== undefined && count(text.slice(0, end), last) > count(text.slice(0, end), opening);
    if (!isUnbalanced && !/[.,;:!?。，；：！？…*_~]/u.test(last)) break;
  }
  return text.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
