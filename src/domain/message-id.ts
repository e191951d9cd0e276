/**
 * The id of the next message: `candidate` (a fresh UUIDv7), unless a clock that stepped back made it sort before
 * `previous`; then the successor of `previous`. So ids ascend with `seq` (SEQ-3), and a message is found by its id
 * without an index.
 */
export function nextMessageId(previous: string | null, candidate: string): string {
  return previous === null || candidate > previous ? candidate : successorOf(previous);
}

const VERSION_7 = 7n << 76n;
const VARIANT = 2n << 62n;
const RAND_B = 2n ** 62n - 1n;

/** The next UUIDv7: version and variant stay, what is between and after them counts on (RFC 9562, 5.7). */
function successorOf(uuid: string): string {
  const bits = BigInt(`0x${uuid.replaceAll("-", "")}`);
  const [time, rand_a, rand_b] = [bits >> 80n, (bits >> 64n) & 0xfffn, bits & RAND_B];
  const next = (((time << 12n) | rand_a) << 62n) + rand_b + 1n;
  const number =
    ((next >> 74n) << 80n) | VERSION_7 | (((next >> 62n) & 0xfffn) << 64n) | VARIANT | (next & RAND_B);
  return number
    .toString(16)
    .padStart(32, "0")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
