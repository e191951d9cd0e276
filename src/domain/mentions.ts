/** `@name` where it begins a word, so that an e-mail address names nobody. */
const MENTION = /(?<![A-Za-z0-9_.@-])@([A-Za-z0-9_]{3,50})(?![A-Za-z0-9_])/g;

/** The members that a text names, each once. `byUsername`: user ids by user name in lower case. */
export function mentionsIn(content: string, byUsername: () => ReadonlyMap<string, string>): string[] {
  if (!content.includes("@")) return [];
  const known = byUsername();
  const user_ids = new Set<string>();
  for (const [, name = ""] of content.matchAll(MENTION)) {
    const user_id = known.get(name.toLowerCase());
    if (user_id !== undefined) user_ids.add(user_id);
  }
  return [...user_ids];
}
