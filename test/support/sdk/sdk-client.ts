import WebSocket from "ws";
import {
  type ClientOptions,
  type Conversation,
  type Environment,
  type Message,
  type Observable,
  platformEnvironment,
  type ShownMessage,
  UimClient,
} from "../../../sdk/index.ts";
import { uniqueName } from "../server/client.ts";

export const PASSWORD = "correct horse battery 9";

/** So long the server may take to end the connection after the Close frames. workerd (2026-11-17) takes until the object sleeps. */
const CLOSE_TIMEOUT_MS = 1_000;

/** The socket of the package `ws`, which otherwise waits for half a minute. */
class Socket extends WebSocket {
  constructor(url: string) {
    // Missing in the types of ws.
    const options = { perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT_MS };
    super(url, options);
  }
}

/** Comes back from a cut quickly, so that a test need not wait for it. `reroute` says where a socket really goes. */
export function hurriedEnvironment(reroute: (url: string) => string = (url) => url): Environment {
  const environment = platformEnvironment({ WebSocket: Socket });
  return {
    ...environment,
    random: () => Math.random() * 0.05,
    openSocket: (url) => environment.openSocket(reroute(url)),
  };
}

/** A client of the SDK; anything that goes wrong inside it ends up in `faults`. */
export function createClient(url: string, options: Partial<ClientOptions> = {}) {
  const client = new UimClient({ url, environment: hurriedEnvironment(), ...options });
  const faults: unknown[] = [];
  client.on("error", (error) => faults.push(error));
  return { client, faults };
}

/** A new user, connected. */
export async function newUser(url: string, options: Partial<ClientOptions> = {}) {
  const { client, faults } = createClient(url, options);
  const username = uniqueName();
  const { user } = await client.register({ username, email: `${username}@example.com`, password: PASSWORD });
  await client.connect();
  return { client, faults, username, user_id: user.user_id };
}

/** Resolves when what is observed is so. */
export function until<T>(
  observable: Observable<T>,
  isSo: (snapshot: T) => boolean,
  timeout_ms = 10_000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const snapshot = observable.getSnapshot();
      if (!isSo(snapshot)) return;
      stop();
      clearTimeout(timer);
      resolve(snapshot);
    };
    const stop = observable.subscribe(look);
    const timer = setTimeout(() => {
      stop();
      const last = JSON.stringify(observable.getSnapshot())?.slice(0, 2_000);
      reject(new Error(`it did not come to that in ${timeout_ms} ms; the last snapshot: ${last}`));
    }, timeout_ms);
    look();
  });
}

/** The whole history as the server has it. */
export async function wholeHistory({ api }: UimClient, conversation_id: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const page = await api.history(conversation_id, { after_seq: messages.at(-1)?.seq ?? 0, limit: 100 });
    messages.push(...page.items);
    if (!page.has_more) return messages;
  }
}

export function texts(messages: readonly ShownMessage[]): string[] {
  return messages.map(({ content }) => content);
}

/** Resolves when a conversation shows these texts, and no others. */
export function shows(conversation: Conversation, expected: readonly string[], timeout_ms?: number) {
  return until(
    conversation,
    ({ messages }) => JSON.stringify(texts(messages)) === JSON.stringify(expected),
    timeout_ms,
  );
}
