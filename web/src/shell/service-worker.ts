/** The one address of a script that is not in the page: the policy wants it vouched for. */
const SCRIPT = "/sw.js";

interface TrustedTypesLike {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** Lets the shell open without a network. Where there are no service workers, it does not. */
export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const found: unknown = Reflect.get(globalThis, "trustedTypes");
  const policy = isTrustedTypes(found)
    ? found.createPolicy("uim", { createScriptURL: (url) => (url === SCRIPT ? url : "") })
    : { createScriptURL: (url: string) => url };
  navigator.serviceWorker.register(policy.createScriptURL(SCRIPT)).catch((error) => console.warn(error));
}

/** The one that is at work; null where there is none (yet). */
export async function activeServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active ? registration : null;
}

/** Takes notifications back: what they tell of was read, here or on another device, or their user has signed out. */
export async function withdrawNotifications(isOver: (conversation_id: string) => boolean): Promise<void> {
  const worker = await activeServiceWorker();
  for (const notification of (await worker?.getNotifications()) ?? [])
    if (isOver(notification.tag)) notification.close();
}

function isTrustedTypes(value: unknown): value is TrustedTypesLike {
  return typeof value === "object" && value !== null && "createPolicy" in value;
}
