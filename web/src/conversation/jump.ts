import type { Conversation } from "../../../sdk/index.ts";
import { waitsFor } from "./timeline.ts";

/** Where the list is to go as soon as it can. */
export interface Goal {
  current: number | "newest" | null;
}

type History = Pick<Conversation, "getSnapshot" | "showAround" | "loadEarlier" | "loadLater">;

/**
 * Has a message loaded, and the list go to it: `reach` does so if it is in the list, and empties the goal. Resolves to false if there
 * is no such message: it was deleted, or is not to be read. Whoever goes elsewhere meanwhile is not told so.
 */
export async function jump(goal: Goal, seq: number, history: History, reach: () => void): Promise<boolean> {
  goal.current = seq;
  try {
    if (!(await history.showAround(seq))) return true;
    const missing = waitsFor(history.getSnapshot(), seq);
    if (missing === "earlier") await history.loadEarlier();
    if (missing === "later") await history.loadLater();
    reach();
    return goal.current !== seq;
  } finally {
    // What could not be reached now is not to be gone to when it comes in later by itself.
    if (goal.current === seq) goal.current = null;
  }
}
