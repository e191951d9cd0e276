import { Store } from "./store.ts";

/** What somebody has begun to write in a conversation. */
export interface Draft {
  readonly content: string;
  readonly reply_to_seq: number | null;
}

export const NO_DRAFT: Draft = { content: "", reply_to_seq: null };

const PREFIX = "uim.draft.";
const changes = new Store<number>(0);

/** Changes with every draft, for whoever shows them. */
export const draftChanges = changes;

const keyOf = (user_id: string, conversation_id: string) => `${PREFIX}${user_id}.${conversation_id}`;

export function readDraft(user_id: string, conversation_id: string): Draft {
  const saved = localStorage.getItem(keyOf(user_id, conversation_id));
  if (saved === null) return NO_DRAFT;
  try {
    const { content, reply_to_seq } = JSON.parse(saved);
    return {
      content: typeof content === "string" ? content : "",
      reply_to_seq: typeof reply_to_seq === "number" ? reply_to_seq : null,
    };
  } catch {
    return NO_DRAFT;
  }
}

export function saveDraft(user_id: string, conversation_id: string, draft: Draft): void {
  const key = keyOf(user_id, conversation_id);
  if (draft.content.trim() === "" && draft.reply_to_seq === null) localStorage.removeItem(key);
  else keep(key, JSON.stringify(draft));
  changes.set(changes.getSnapshot() + 1);
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    // There is no more room. What is being written stays in its field, and is only not kept.
    console.warn(error);
  }
}

/** Whoever signs out leaves nothing behind. */
export function forgetDrafts(user_id: string): void {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${user_id}.`));
  for (const key of keys) localStorage.removeItem(key);
}
