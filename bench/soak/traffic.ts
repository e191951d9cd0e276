import { pick } from "./chance.ts";
import type { Crowd, LivelyCircle } from "./crowd.ts";
import type { Lane } from "./lane.ts";
import { REFRESHES_PER_SECOND, REQUESTS_PER_SECOND, SIGN_INS_PER_SECOND } from "./plan.ts";
import { makeRequest, refresh, signIn } from "./requests.ts";
import type { World } from "./world.ts";

const TICK_MS = 5;

/** Something that is due so many times a second, whether the server keeps up or not. */
interface Duty {
  readonly per_second: number;
  run(due_at: number): void;
}

/** Everything that is done at a fixed rate. */
export class Traffic {
  readonly #duties: readonly Duty[];
  #timer: NodeJS.Timeout | undefined;

  /** `rate`: so many times the usual traffic; what is to be quiet stays so. */
  constructor(world: World, crowd: Crowd, rate: number) {
    const lanes = lanesByConversation(world);
    const request = (what: string, work: () => Promise<void>) => world.inBackground(what, work());
    this.#duties = [
      ...crowd.circles.map((lively) => ({
        per_second: lively.circle.per_second * (lively.circle.is_quiet ? 1 : rate),
        run: (due_at: number) => sendOne(lively, lanes, due_at),
      })),
      {
        per_second: REQUESTS_PER_SECOND * rate,
        run: () => request("a request", () => makeRequest(world, crowd)),
      },
      { per_second: SIGN_INS_PER_SECOND * rate, run: () => request("a sign-in", () => signIn(world, crowd)) },
      {
        per_second: REFRESHES_PER_SECOND * rate,
        run: () => request("a refresh", () => refresh(world, crowd)),
      },
    ];
  }

  start(): void {
    const begun_at = performance.now();
    const done = this.#duties.map(() => 0);
    this.#timer = setInterval(() => {
      const elapsed = (performance.now() - begun_at) / 1000;
      for (const [index, duty] of this.#duties.entries()) {
        const due = Math.floor(elapsed * duty.per_second);
        for (let count = done[index] ?? 0; count < due; count++)
          duty.run(begun_at + ((count + 1) * 1000) / duty.per_second);
        done[index] = due;
      }
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function lanesByConversation({ lanes }: World): Map<string, Lane[]> {
  return Map.groupBy(lanes, ({ conversation }) => conversation.conversation_id);
}

/** Somebody who is there says something in one of the conversations. */
function sendOne(
  { conversations }: LivelyCircle,
  lanes: ReadonlyMap<string, readonly Lane[]>,
  due_at: number,
): void {
  const conversation = pick(conversations);
  const open = lanes.get(conversation?.conversation_id ?? "")?.filter(({ isOpen }) => isOpen) ?? [];
  pick(open)?.send(due_at);
}
