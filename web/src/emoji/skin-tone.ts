import { Store } from "../data/store.ts";

const KEY = "uim.skin_tone";

/** In which of the five tones this browser's user shows skin; 0: in none, but yellow. */
export const skinTone = new Store<number>(savedTone());

export function chooseSkinTone(tone: number): void {
  localStorage.setItem(KEY, String(tone));
  skinTone.set(tone);
}

function savedTone(): number {
  const saved = Number(localStorage.getItem(KEY));
  return [1, 2, 3, 4, 5].includes(saved) ? saved : 0;
}
