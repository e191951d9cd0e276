import { ConversationLink } from "./conversation-link.ts";
import type { Device, DeviceContext } from "./device.ts";
import { DeviceLink } from "./device-link.ts";
import type { Link } from "./link.ts";
import { ignoreFailure, type Requests } from "./requests.ts";

const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** A device's sockets: its own, which it opens again as long as it wants to be online, and those of conversations. */
export class Sockets {
  readonly #device: Device;
  readonly #context: DeviceContext;
  readonly #requests: Requests;
  readonly #conversations = new Map<string, ConversationLink>();
  readonly #opening = new Set<string>();
  #link: DeviceLink | null = null;
  #isConnecting = false;
  #failures = 0;
  #wantsOnline = false;

  constructor(device: Device, context: DeviceContext, requests: Requests) {
    this.#device = device;
    this.#context = context;
    this.#requests = requests;
  }

  get isSynced(): boolean {
    return this.#link?.isSynced === true;
  }

  /** How many entries that the device had came again since its own socket was opened. */
  get repeatedSinceConnect(): number {
    return this.#link?.repeated ?? 0;
  }

  hasConversation(conversation_id: string): boolean {
    return this.#conversations.get(conversation_id)?.isOpen === true;
  }

  goOnline(): void {
    this.#wantsOnline = true;
    this.#failures = 0;
    this.connect();
  }

  goOffline(): void {
    this.#wantsOnline = false;
    this.#link?.close();
    for (const link of this.#conversations.values()) link.close();
  }

  /** The network under the device's own socket breaks. */
  loseNetwork(): void {
    this.#link?.cut();
  }

  askToSync(): void {
    this.#link?.requestSync(this.#device.last_sync_id);
  }

  /** Opens the device's own socket, if it wants to be online and is not. */
  connect(): void {
    this.#connectIn(0);
  }

  /** Everything missed has come over the device's own socket. */
  synced(): void {
    this.#failures = 0;
  }

  ended(link: Link): void {
    if (link === this.#link) this.#reconnect();
  }

  openConversation(conversation_id: string): void {
    if (this.#opening.has(conversation_id) || this.hasConversation(conversation_id)) return;
    this.#opening.add(conversation_id);
    const { platform, random } = this.#context;
    const options = { batch: random.chance(0.5), last_sync_id: null };
    const opening = this.#requests
      .limit(
        this.#requests.ask(conversation_id, (worker) =>
          worker.openConversationSocket(this.#device.identity, conversation_id, options),
        ),
      )
      .then((socket) => {
        const link = new ConversationLink(platform, this.#device, socket, options.batch, conversation_id);
        this.#conversations.set(conversation_id, link);
        if (!this.#wantsOnline) link.close();
      })
      .finally(() => this.#opening.delete(conversation_id));
    ignoreFailure(opening);
  }

  closeConversation(conversation_id: string): void {
    this.#conversations.get(conversation_id)?.close();
  }

  /** One of those over which something about a conversation may go. */
  pick(conversation_id: string): DeviceLink | ConversationLink | null {
    const links = [this.#link, this.#conversations.get(conversation_id) ?? null].filter(
      (link) => link?.isOpen === true,
    );
    return links.length > 0 ? this.#context.random.pick(links) : null;
  }

  #reconnect(): void {
    const pause = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 0;
    this.#failures++;
    this.#connectIn(this.#context.random.between(0, pause));
  }

  #connectIn(delay_ms: number): void {
    this.#context.platform.scheduler.after(delay_ms, () => void this.#connect());
  }

  async #connect(): Promise<void> {
    const { isKnown, identity, last_sync_id } = this.#device;
    if (!this.#wantsOnline || !isKnown || this.#isConnecting || this.#link?.isOpen) return;
    this.#isConnecting = true;
    const { worker, random, platform } = this.#context;
    const options = { batch: random.chance(0.5), last_sync_id };
    try {
      const socket = await this.#requests.limit(worker.openDeviceSocket(identity, options));
      this.#link = new DeviceLink(platform, this.#device, socket, options.batch);
      if (!this.#wantsOnline) this.#link.close();
    } catch {
      this.#reconnect();
    } finally {
      this.#isConnecting = false;
    }
  }
}
