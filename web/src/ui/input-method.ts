/** What a key has as its code while an input method takes it. */
const TAKEN = 229;

/**
 * Does a key belong to an input method, such as the Enter that takes a word of Chinese? Safari says that it has composed before it
 * tells of that Enter, so that only the code is left to tell by.
 */
export function isComposing(key: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return key.isComposing || key.keyCode === TAKEN;
}
