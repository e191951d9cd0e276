import type { Page } from "playwright-core";

/** A draft of whoever has signed in, in a chat that need not be there. */
export function beginDraft(page: Page): Promise<void> {
  return page.evaluate(() => {
    const user_id = localStorage.getItem("uim.signed_in")?.split(":")[1];
    localStorage.setItem(
      `uim.draft.${user_id}.chat`,
      JSON.stringify({ content: "Secret", reply_to_seq: null }),
    );
  });
}

/** What the browser holds of whoever has signed in. */
export function whatIsKept(page: Page): Promise<{ isEmpty: boolean; drafts: number }> {
  return page.evaluate(async () => {
    const drafts = Object.keys(localStorage).filter((key) => key.startsWith("uim.draft.")).length;
    const database = await answerOf(indexedDB.open("uim"));
    const count = await answerOf(database.transaction("entries").objectStore("entries").count());
    database.close();
    return { isEmpty: count === 0, drafts };

    function answerOf<T>(request: IDBRequest<T>): Promise<T> {
      return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    }
  });
}
