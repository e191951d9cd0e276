// @ts-check

/**
 * A message whose ack arrived: the server owes it to everyone.
 * @typedef {{ seq: number, message_id: string, client_message_id: string, content: string, sender_id: string }} Acked
 */

/**
 * Compares what the server acked with what each device has and with the history.
 * @param {readonly Acked[]} acked
 * @param {readonly import("./device.mjs").Device[]} devices
 * @param {readonly import("./session.mjs").Message[]} history
 * @returns {string[]} what is wrong, in words
 */
export function findFaults(acked, devices, history) {
  const faults = devices.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`));
  const expected = [...acked].sort((left, right) => left.seq - right.seq);
  for (const [index, { seq, content }] of expected.entries()) {
    if (seq !== index + 1) faults.push(`the acks leave a hole or a double before ${seq} ("${content}")`);
  }
  for (const { name, entries } of devices) {
    faults.push(
      ...compare(
        `on ${name}`,
        expected,
        [...entries].map(([seq, { message_id }]) => ({ seq, message_id })),
      ),
    );
  }
  return [...faults, ...compare("in the history", expected, history), ...compareTexts(expected, history)];
}

/**
 * @param {string} where
 * @param {readonly Acked[]} expected
 * @param {readonly { seq: number, message_id: string }[]} found
 */
function compare(where, expected, found) {
  const faults = [];
  const bySeq = new Map(found.map(({ seq, message_id }) => [seq, message_id]));
  if (bySeq.size < found.length) faults.push(`doubled ${where}: ${found.length - bySeq.size}`);
  for (const { seq, message_id, content } of expected) {
    if (!bySeq.has(seq)) faults.push(`lost ${where}: ${seq} ("${content}")`);
    else if (bySeq.get(seq) !== message_id) faults.push(`out of order ${where}: ${seq} is another message`);
  }
  const owed = new Set(expected.map(({ seq }) => seq));
  const strange = [...bySeq.keys()].filter((seq) => !owed.has(seq));
  if (strange.length > 0) faults.push(`never sent, but ${where}: ${strange.join(", ")}`);
  return faults;
}

/**
 * The history also says what was said, by whom, and in which order.
 * @param {readonly Acked[]} expected
 * @param {readonly import("./session.mjs").Message[]} history
 */
function compareTexts(expected, history) {
  return history.flatMap(({ seq, content, sender_id, client_message_id }, index) => {
    const sent = expected[index];
    const isSame =
      sent?.content === content &&
      sent.sender_id === sender_id &&
      sent.client_message_id === client_message_id;
    return isSame ? [] : [`the history says something else at ${seq}: "${content}"`];
  });
}

/**
 * @param {readonly number[]} times in milliseconds
 */
export function spread(times) {
  const sorted = [...times].sort((left, right) => left - right);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `p50 ${median.toFixed(1)} ms, max ${(sorted.at(-1) ?? 0).toFixed(1)} ms`;
}
