/** What is on screen, as the address bar says it. */
export type Route =
  | { readonly name: "home" }
  | { readonly name: "conversation"; readonly conversation_id: string }
  | { readonly name: "join"; readonly code: string }
  | { readonly name: "people" }
  | { readonly name: "settings" }
  | { readonly name: "sign_in" }
  | { readonly name: "sign_up" }
  | { readonly name: "unknown" };

const PLAIN = { "": "home", people: "people", settings: "settings" } as const;
const DOORS = { "sign-in": "sign_in", "sign-up": "sign_up" } as const;

export function parsePath(pathname: string): Route {
  const [head = "", tail, ...rest] = pathname.split("/").filter((part) => part !== "");
  if (rest.length > 0) return { name: "unknown" };
  if (tail !== undefined) {
    if (head === "c") return { name: "conversation", conversation_id: decode(tail) };
    return head === "join" ? { name: "join", code: decode(tail) } : { name: "unknown" };
  }
  if (isKey(PLAIN, head)) return { name: PLAIN[head] };
  return isKey(DOORS, head) ? { name: DOORS[head] } : { name: "unknown" };
}

export function pathOf(conversation_id: string): string {
  return `/c/${encodeURIComponent(conversation_id)}`;
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
