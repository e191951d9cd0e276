import { errorFields, log } from "../../observability/log.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { callWithRetry } from "../runtime/time-limit.ts";

/** So many conversations are told at once. */
const PARALLEL = 6;

/** Does the user let others know how far it has read? A choice of its privacy; who has not chosen does (DLV-6). */
export function givesReadReceipts(sql: SqlStorage): boolean {
  const [privacy] = sql.exec<{ read_receipts: number }>("SELECT read_receipts FROM privacy").toArray();
  return privacy?.read_receipts !== 0;
}

export interface ReadReceiptsContext {
  readonly user_id: string;
  readonly sql: SqlStorage;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "act">;
}

/** Whether the user gives read receipts, and so sees those of others. */
export class ReadReceipts {
  readonly #context: ReadReceiptsContext;
  /** Read again after a change. */
  #isOn: boolean | null = null;

  constructor(context: ReadReceiptsContext) {
    this.#context = context;
  }

  get isOn(): boolean {
    this.#isOn ??= givesReadReceipts(this.#context.sql);
    return this.#isOn;
  }

  /**
   * The user has chosen, perhaps anew: those conversations are told in which it may have one open, since its reading there does
   * not come through here. All others hear of it with whatever comes next.
   */
  async changed(conversation_ids: readonly string[]): Promise<void> {
    const before = this.#isOn;
    this.#isOn = null;
    const read_receipts = this.isOn;
    if (before === read_receipts) return;
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
