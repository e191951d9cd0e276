// @ts-check

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/**
 * A number of bytes as a person reads it.
 * @param {number} bytes
 */
export function sizeText(bytes) {
  const index = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** index;
  return `${index === 0 ? value : value.toFixed(1)} ${UNITS[index]}`;
}
