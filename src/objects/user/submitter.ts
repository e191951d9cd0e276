import { type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { refusal } from "../../protocol/errors.ts";
import type { SentAck } from "../../protocol/message.ts";
import type { Submission } from "../conversation/rpc.ts";
import { CallSlot, callWithRetry } from "../runtime/time-limit.ts";

type Submit = (conversation_id: string, submissions: Submission[]) => PromiseLike<Result<SentAck>[]>;

interface Queued extends Submission {
  readonly answer: (result: Result<SentAck>) => void;
}

/** What waits for one conversation, and the call under way. */
interface Lane {
  readonly queue: Queued[];
  readonly call: CallSlot;
}

/** One call carries at most so much: an RPC may have 32 MiB. */
const MAX_BATCH = 500;
const MAX_BATCH_CHARS = 4_000_000;

/**
 * Takes a user's messages to their conversations: in order, one call in flight per conversation, and what comes
 * meanwhile goes with the next. A call is repeated on failure, since sending is idempotent (IDEM-1).
 */
export class Submitter {
  readonly #submit: Submit;
  readonly #lanes = new Map<string, Lane>();

  constructor(submit: Submit) {
    this.#submit = submit;
  }

  submit(conversation_id: string, submission: Submission): Promise<Result<SentAck>> {
    return new Promise((answer) => {
      const lane = this.#lanes.get(conversation_id);
      if (lane) {
        lane.queue.push({ ...submission, answer });
        // A client that waits in vain sends again: that ends a call that hangs.
        lane.call.enforce(Date.now());
      } else {
        const fresh = { queue: [{ ...submission, answer }], call: new CallSlot() };
        this.#lanes.set(conversation_id, fresh);
        void this.#pump(conversation_id, fresh);
      }
    });
  }

  async #pump(conversation_id: string, { queue, call }: Lane): Promise<void> {
    // The rest of this turn's messages goes with the first.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      const results = await this.#call(conversation_id, batch, call);
      for (const [index, { answer }] of batch.entries()) {
        answer(results[index] ?? refused(refusal("internal")));
      }
    }
    this.#lanes.delete(conversation_id);
  }

  async #call(conversation_id: string, batch: readonly Queued[], call: CallSlot): Promise<Result<SentAck>[]> {
    const submissions = batch.map(({ answer: _, ...submission }) => submission);
    try {
      return await callWithRetry(
        () => this.#submit(conversation_id, submissions),
        (work) => call.run(work),
      );
    } catch (error) {
      log("warn", "submitting failed", { conversation_id, ...errorFields(error) });
      return batch.map(() => refused(refusal("unavailable")));
    }
  }
}

function takeBatch(queue: Queued[]): Queued[] {
  let chars = 0;
  let count = 0;
  for (const { draft } of queue) {
    chars += draft.content.length;
    if (count > 0 && (chars > MAX_BATCH_CHARS || count === MAX_BATCH)) break;
    count++;
  }
  return queue.splice(0, count);
}
