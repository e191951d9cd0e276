import type { ShownMessage, User } from "../../../sdk/index.ts";

/** The beginning of a name that is being written, and where its `@` stands. */
export interface MentionQuery {
  readonly at: number;
  readonly typed: string;
}

/**
 * What may stand before the `@` is as the server has it; where words are not parted by spaces, that is any of their letters.
 * Behind it a name is begun in any script, since people are found by the name they show as well.
 */
const BEGUN = /(?<![A-Za-z0-9_.@-])@([\p{L}\p{M}\p{N}_]{0,50})$/u;

export function mentionQueryAt(content: string, caret: number): MentionQuery | null {
  const match = BEGUN.exec(content.slice(0, caret));
  const typed = match?.[1];
  return typed === undefined ? null : { at: caret - typed.length - 1, typed };
}

/** Whom it may mean: by user name or by a word of the name they show. */
export function candidatesFor(typed: string, users: readonly User[], limit: number): User[] {
  const wanted = typed.toLowerCase();
  return users
    .filter(({ username, display_name }) =>
      [username, ...display_name.split(/\s+/u)].some((word) => word.toLowerCase().startsWith(wanted)),
    )
    .sort((a, b) => a.username.localeCompare(b.username))
    .slice(0, limit);
}

/** The text with the name written out, and where the caret comes to stand. */
export function completeMention(content: string, { at, typed }: MentionQuery, username: string) {
  const rest = content.slice(at + 1 + typed.length);
  const inserted = `@${username}${rest.startsWith(" ") ? "" : " "}`;
  const caret = at + inserted.length + (rest.startsWith(" ") ? 1 : 0);
  return { content: content.slice(0, at) + inserted + rest, caret };
}

/** Who has spoken last, the last one first: whoever mentions somebody mostly means one of them. */
export function recentSenders(
  messages: readonly Pick<ShownMessage, "sender_id" | "mine">[],
  limit: number,
): string[] {
  const senders = new Set<string>();
  for (let at = messages.length - 1; at >= 0 && senders.size < limit; at--) {
    const message = messages[at];
    if (message && !message.mine) senders.add(message.sender_id);
  }
  return [...senders];
}
