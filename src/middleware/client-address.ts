/** The address of everyone whose address is not known. */
const SHARED = "local";

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/**
 * The address that limits are counted by. `header` names the header our own edge sets; with none, or without the header,
 * everyone shares one address.
 *
 * Of a list (`X-Forwarded-For`) only the last entry counts: our own proxy appended it. Whatever stands before it came with
 * the request, and whoever could choose it would have a new address for every attempt.
 */
export function clientAddress(headers: Headers, header: string): string {
  const value = header === "" ? null : headers.get(header);
  const hop = value?.split(",").at(-1)?.trim() ?? "";
  const address = withoutPort(hop);
  if (IPV4.test(address)) return address;
  return networkOf(address) ?? SHARED;
}

/** `[2001:db8::1]:443`, `192.0.2.1:443`: some proxies add the port. */
function withoutPort(hop: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(hop) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [, v4] = /^([\d.]+):\d+$/.exec(hop) ?? [];
  return v4 ?? hop;
}

/** The /64 of an IPv6 address, since that is what one subscriber is given; null if it is none. */
function networkOf(address: string): string | null {
  const [plain = ""] = address.toLowerCase().split("%");
  const [, mapped] = /^::ffff:((?:\d{1,3}\.){3}\d{1,3})$/.exec(plain) ?? [];
  if (mapped !== undefined) return mapped;
  const halves = plain.split("::");
  if (halves.length > 2 || !plain.includes(":")) return null;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = halves.length === 2 ? 8 - head.length - tail.length : 0;
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill("0"), ...tail];
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
