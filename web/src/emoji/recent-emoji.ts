const KEY = "uim.emoji";
const MAX = 16;

/** What was chosen last in this browser, the last first. */
export function recentEmoji(): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(saved) ? saved.filter((one) => typeof one === "string").slice(0, MAX) : [];
  } catch {
    return [];
  }
}

export function noteEmoji(emoji: string): void {
  const others = recentEmoji().filter((one) => one !== emoji);
  try {
    localStorage.setItem(KEY, JSON.stringify([emoji, ...others].slice(0, MAX)));
  } catch (error) {
    // There is no more room; it is chosen all the same.
    console.warn(error);
  }
}
