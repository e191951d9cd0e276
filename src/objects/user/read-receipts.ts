import { errorFields, log } from "../../observability/log.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { callWithRetry } from "../runtime/time-limit.ts";
import type { PeopleStore } from "./people-store.ts";

/** So many conversations are told at once. */
const PARALLEL = 6;

export interface ReadReceiptsContext {
  readonly user_id: string;
  readonly people: Pick<PeopleStore, "privacy">;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "act">;
}

/** Whether the user gives read receipts, and so sees those of others. */
export class ReadReceipts {
  readonly #context: ReadReceiptsContext;

  constructor(context: ReadReceiptsContext) {
    this.#context = context;
  }

  get isOn(): boolean {
    return this.#context.people.privacy().read_receipts;
  }

  /**
   * The user has chosen, perhaps anew: those conversations are told in which it may have one open, since its reading there does
   * not come through here. All others hear of it with whatever comes next.
   */
  async changed(conversation_ids: readonly string[]): Promise<void> {
    const read_receipts = this.isOn;
    const { user_id, conversation } = this.#context;
    const queue = conversation_ids.values();
    const tell = async () => {
      for (const id of queue) {
        const telling = callWithRetry(() =>
          conversation(id).act(user_id, { kind: "receipts", read_receipts }),
        );
        await telling.catch((error) =>
          log("warn", "a conversation was not told of receipts", {
            conversation_id: id,
            ...errorFields(error),
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, tell));
  }
}
