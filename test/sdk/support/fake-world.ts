import { type ClientOptions, UimClient } from "../../../sdk/client.ts";
import type { Conversation } from "../../../sdk/conversation.ts";
import { MemoryTokenStore } from "../../../sdk/http/token-store.ts";
import { MemoryStorage } from "../../../sdk/storage/memory-storage.ts";
import { OwnStorage } from "../../../sdk/storage/own-storage.ts";
import { FakeEnvironment } from "./fake-environment.ts";
import { FakeServer } from "./fake-server.ts";
import { CHAT, ME } from "./log-model.ts";

/** A server in memory, and clients that share what they keep, as before and after a reload. */
export function fakeWorld() {
  const environment = new FakeEnvironment();
  const server = new FakeServer(environment);
  const kept = { storage: new MemoryStorage(), tokens: new MemoryTokenStore() };
  /** What of it is the user's. */
  const own = new OwnStorage(kept.storage, ME);
  /** What went wrong inside a client. */
  const faults: unknown[] = [];

  function create(options: Partial<ClientOptions> = {}) {
    const client = new UimClient({ url: "http://fake", environment, ...kept, ...options });
    const heard: string[] = [];
    client.on("message", ({ content }) => heard.push(content));
    client.on("error", (error) => faults.push(error));
    return { client, heard };
  }

  async function connected(options: Partial<ClientOptions> = {}) {
    const made = create(options);
    await made.client.login({ username: "somebody", password: "x" });
    await made.client.connect();
    await environment.settle();
    return { ...made, chat: made.client.conversation(CHAT) };
  }

  return { environment, server, kept, own, faults, create, connected };
}

export type FakeWorld = ReturnType<typeof fakeWorld>;

export function shown(chat: Conversation): string[] {
  return chat.getSnapshot().messages.map(({ content }) => content);
}
