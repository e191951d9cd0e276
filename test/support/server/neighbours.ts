import { beginPair } from "./pair.ts";
import { receivedSeqs } from "./reader.ts";
import type { TestSocket } from "./test-socket.ts";

/** Two people in a conversation of their own, who must notice nothing of what others do. */
export class Neighbours {
  readonly #conversation_id: string;
  readonly #sender: TestSocket;
  readonly #listeners: readonly TestSocket[];
  #head_seq = 0;

  private constructor(conversation_id: string, sender: TestSocket, listeners: readonly TestSocket[]) {
    this.#conversation_id = conversation_id;
    this.#sender = sender;
    this.#listeners = listeners;
  }

  static async begin(url: string): Promise<Neighbours> {
    const { alice, bob, conversation_id } = await beginPair(url);
    const listeners = [await bob.connectDevice(), await bob.connectConversation(conversation_id)];
    return new Neighbours(conversation_id, await alice.connectDevice(), listeners);
  }

  /** They go on talking, and have heard nothing else. Throws otherwise. */
  async talkOn(): Promise<void> {
    const { seq } = await this.#sender.sent(this.#sender.sendMessage(this.#conversation_id, "all is quiet"));
    if (seq !== ++this.#head_seq) throw new Error(`the neighbours' message has seq ${seq}`);
    for (const socket of this.#listeners) {
      await socket.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
      const strange = socket.arrivals.filter(({ type }) => !EXPECTED.has(type));
      if (strange.length > 0) throw new Error(`the neighbours heard ${JSON.stringify(strange)}`);
      if (receivedSeqs(socket, this.#conversation_id).length !== socket.all("MESSAGE_RECEIVE").length) {
        throw new Error("the neighbours got a message of another conversation");
      }
    }
  }
}

const EXPECTED = new Set(["CONNECTED", "SYNC_COMPLETE", "MESSAGE_RECEIVE", "INBOX_UPDATE"]);
