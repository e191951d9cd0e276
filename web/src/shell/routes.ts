/** What is on screen, as the address bar says it. */
export type Route =
  | { readonly name: "home" }
  /** `seq`: the message to go to. */
  | { readonly name: "conversation"; readonly conversation_id: string; readonly seq: number | null }
  | { readonly name: "join"; readonly code: string }
  | { readonly name: "people" }
  | { readonly name: "settings" }
  | { readonly name: "sign_in" }
  | { readonly name: "sign_up" }
  | { readonly name: "unknown" };

const PLAIN = { "": "home", people: "people", settings: "settings" } as const;
const DOORS = { "sign-in": "sign_in", "sign-up": "sign_up" } as const;

export function parsePath(pathname: string): Route {
  const [head = "", tail, place, ...rest] = pathname.split("/").filter((part) => part !== "");
  const seq = place === undefined ? null : Number(place);
  const isPlace = seq === null || (head === "c" && Number.isSafeInteger(seq) && seq > 0);
  if (rest.length > 0 || !isPlace) return { name: "unknown" };
  if (tail !== undefined) {
    if (head === "c") return { name: "conversation", conversation_id: decode(tail), seq };
    return head === "join" ? { name: "join", code: decode(tail) } : { name: "unknown" };
  }
  if (isKey(PLAIN, head)) return { name: PLAIN[head] };
  return isKey(DOORS, head) ? { name: DOORS[head] } : { name: "unknown" };
}

export function pathOf(conversation_id: string, seq?: number): string {
  const path = `/c/${encodeURIComponent(conversation_id)}`;
  return seq === undefined ? path : `${path}/${seq}`;
}

function isKey<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
