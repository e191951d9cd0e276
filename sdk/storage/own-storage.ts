import { META_KEY, metaSchema, OUTBOX, STORAGE_VERSION } from "./records.ts";
import type { ClientStorage, StorageWrite, StoredEntry } from "./storage.ts";

/**
 * One user's part of a storage: its keys begin with the user's id. So a client that goes on writing after somebody else has signed
 * in with the same storage, as in another window of the browser, writes nothing that is taken for theirs.
 */
export class OwnStorage implements ClientStorage {
  readonly #storage: ClientStorage;
  readonly #prefix: string;

  constructor(storage: ClientStorage, user_id: string) {
    this.#storage = storage;
    this.#prefix = prefixOf(user_id);
  }

  async list(prefix: string): Promise<StoredEntry[]> {
    const entries = await this.#storage.list(this.#prefix + prefix);
    return entries.map(({ key, value }) => ({ key: key.slice(this.#prefix.length), value }));
  }

  write(writes: readonly StorageWrite[]): Promise<void> {
    return this.#storage.write(writes.map((write) => ({ ...write, key: this.#prefix + write.key })));
  }

  async clear(): Promise<void> {
    const all = await this.list("");
    await this.write(all.map(({ key }) => ({ key })));
  }
}

/** Whose things a storage holds, or null. */
export async function ownerOf(storage: ClientStorage): Promise<string | null> {
  return (await metaOf(storage))?.user_id ?? null;
}

/** Makes a storage this user's. What others have left goes, and what another version has kept, but for what is not sent. */
export async function claim(storage: ClientStorage, user_id: string): Promise<void> {
  const meta = await metaOf(storage);
  const isOwn = meta?.user_id === user_id;
  if (isOwn && meta.version === STORAGE_VERSION) return;
  const prefix = prefixOf(user_id);
  const writes: StorageWrite[] = [];
  for (const { key, value } of await storage.list("")) {
    if (isOwn && key.startsWith(prefix + OUTBOX)) continue;
    writes.push({ key });
    // In the first version no key named its user.
    if (isOwn && key.startsWith(OUTBOX)) writes.push({ key: prefix + key, value });
  }
  writes.push({ key: META_KEY, value: { version: STORAGE_VERSION, user_id } });
  await storage.write(writes);
}

async function metaOf(storage: ClientStorage) {
  const [stored] = await storage.list(META_KEY);
  return metaSchema.safeParse(stored?.value).data;
}

function prefixOf(user_id: string): string {
  return `${user_id}/`;
}
