/**
 * The id of the next message: `candidate` (a fresh UUIDv7), unless a clock that stepped back made it sort before
 * `previous`; then the successor of `previous`. So ids ascend with `seq` (SEQ-3), and a message is found by its id
 * without an index.
 */
export function nextMessageId(previous: string | null, candidate: string): string {
  if (previous === null || candidate > previous) return candidate;
  const successor = (BigInt(`0x${previous.replaceAll("-", "")}`) + 1n).toString(16).padStart(32, "0");
  return successor.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
