import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contiguousSeq, holesOf } from "../../sdk/sync/position.ts";
import { Replica } from "../../sdk/sync/replica.ts";
import { CHAT, emptyRow, LogModel, ME, stepArbitrary } from "./support/log-model.ts";

/** Something that reaches the device, at any time and any number of times. */
type Arrival = (replica: Replica) => void;

const stormArbitrary = fc.record({
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 40 }),
  /** For each entry: how often its frame comes, and by how much it is later than the entry. */
  copies: fc.array(
    fc.record({ times: fc.integer({ min: 0, max: 3 }), lag: fc.nat(10), byConversation: fc.boolean() }),
    {
      minLength: 40,
      maxLength: 40,
    },
  ),
  pages: fc.array(
    fc.record({
      at: fc.nat(),
      place: fc.nat(),
      isForward: fc.boolean(),
      isFill: fc.boolean(),
      limit: fc.integer({ min: 1, max: 10 }),
    }),
    { maxLength: 8 },
  ),
  order: fc.infiniteStream(fc.nat()),
});

function arrivalsOf(
  model: LogModel,
  storm: Pick<typeof stormArbitrary extends fc.Arbitrary<infer T> ? T : never, "copies" | "pages">,
) {
  const arrivals: Arrival[] = [];
  for (const [index, entry] of model.entries.entries()) {
    const { times = 0, lag = 0, byConversation = false } = storm.copies[index] ?? {};
    for (let copy = 0; copy < times; copy++) {
      // The first copy is as the message was then; a repeat as it is when the device returns.
      const as_of_seq = copy === 0 ? entry.seq : Math.min(entry.seq + lag, model.head_seq);
      const way = byConversation && copy === 1 ? ("conversation" as const) : ("device" as const);
      arrivals.push((replica) => {
        if (entry.isFromHere && copy === 0) {
          const message = model.message(entry.seq, entry.seq);
          replica.takeSent(model.ack(entry), {
            ...message,
            client_message_id: message.client_message_id ?? "",
          });
        } else replica.takeFrame(model.frame(entry, as_of_seq), way, 0);
      });
    }
  }
  for (const { at, place, isForward, isFill, limit } of storm.pages) {
    const as_of_seq = 1 + (at % model.head_seq);
    const position = place % (as_of_seq + 1);
    const query = isForward ? { after_seq: position, limit } : { before_seq: position + 1, limit };
    const page = model.page(query, as_of_seq);
    arrivals.push((replica) => replica.takePage(CHAT, query, page, isFill && isForward));
  }
  return arrivals;
}

function shuffled<T>(items: readonly T[], order: Iterator<number>): T[] {
  const rest = [...items];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(Number(order.next().value) % rest.length, 1));
  return result;
}

/** A device that has just begun: the server pushes from entry 1 on. */
function beginning(): Replica {
  const replica = new Replica(ME);
  replica.takeRow(emptyRow());
  replica.conversation(CHAT).beginAt(1);
  return replica;
}

/** What the gap filler does. */
function fillHoles(replica: Replica, model: LogModel): void {
  const state = replica.conversation(CHAT);
  state.announce({ from_seq: 1, to_seq: model.head_seq });
  for (let hole = holesOf(state.position)[0]; hole; hole = holesOf(state.position)[0]) {
    const query = { after_seq: hole.from_seq - 1, limit: 5 };
    replica.takePage(CHAT, query, model.page(query), true);
  }
}

describe("the fold", () => {
  it("comes to the server's view in whatever order frames, repeats and pages arrive, once the holes are filled [SEQ-2] [DLV-4]", () => {
    fc.assert(
      fc.property(stormArbitrary, ({ steps, copies, pages, order }) => {
        const model = new LogModel(steps);
        fc.pre(model.head_seq > 0);
        const replica = beginning();
        for (const arrive of shuffled(arrivalsOf(model, { copies, pages }), order)) arrive(replica);
        fillHoles(replica, model);
        const { log, position } = replica.conversation(CHAT);
        expect(log.from(1)).toEqual(model.messages());
        expect(log.held).toEqual([{ from_seq: 1, to_seq: model.head_seq }]);
        expect(contiguousSeq(position)).toBe(model.head_seq);
        // A page brings only the last change of a message: what it says of the inbox, the server's row puts right.
        const row = { ...emptyRow(), head_seq: model.head_seq, unread_count: model.unread_count, sync_id: 2 };
        replica.takeRow(row);
        expect(replica.inbox.row(CHAT)).toMatchObject({
          head_seq: row.head_seq,
          unread_count: row.unread_count,
        });
      }),
      { numRuns: 500 },
    );
  });

  it("counts what is unread from frames alone, in any order and repeated [UNR-1]", () => {
    fc.assert(
      fc.property(stormArbitrary, fc.nat(), ({ steps, copies, order }, told) => {
        const model = new LogModel(steps);
        fc.pre(model.head_seq > 0);
        const replica = beginning();
        const all = copies.map((copy) => ({ ...copy, times: Math.max(1, copy.times) }));
        // The server's row comes somewhere in between, and counts what there was then.
        const head_seq = told % (model.head_seq + 1);
        const before = new LogModel(steps.slice(0, model.head_seq === steps.length ? head_seq : 0));
        const row = {
          ...emptyRow(),
          head_seq: before.head_seq,
          unread_count: before.unread_count,
          sync_id: 2,
        };
        const arrivals = [
          ...arrivalsOf(model, { copies: all, pages: [] }),
          (replica: Replica) => replica.takeRow(row),
        ];
        for (const arrive of shuffled(arrivals, order)) arrive(replica);
        const shown = replica.inbox.row(CHAT);
        expect(shown?.unread_count).toBe(model.unread_count);
        expect(shown?.head_seq).toBe(model.head_seq);
        const last = model.messages().findLast(({ message_type }) => message_type === "text");
        if (before.head_seq < (last?.seq ?? 0)) expect(shown?.last_message?.seq).toBe(last?.seq);
      }),
      { numRuns: 500 },
    );
  });

  it("tells of each message by others once and in order, whatever comes twice, late or not at all", () => {
    fc.assert(
      fc.property(stormArbitrary, ({ steps, copies, pages, order }) => {
        const model = new LogModel(steps);
        fc.pre(model.head_seq > 0);
        const replica = beginning();
        const told: number[] = [];
        const listen = () => {
          for (const event of replica.takeNotes().events)
            if (event.name === "message") told.push(event.value.seq);
        };
        for (const arrive of shuffled(arrivalsOf(model, { copies, pages }), order)) {
          arrive(replica);
          listen();
        }
        fillHoles(replica, model);
        listen();
        const others = model
          .messages()
          .filter(({ sender_id, message_type }) => sender_id !== ME && message_type === "text");
        expect(told).toEqual(others.map(({ seq }) => seq));
      }),
      { numRuns: 500 },
    );
  });

  it("acknowledges nothing that has not come [DLV-1]", () => {
    fc.assert(
      fc.property(stormArbitrary, ({ steps, copies, order }) => {
        const model = new LogModel(steps);
        fc.pre(model.head_seq > 0);
        const replica = beginning();
        for (const arrive of shuffled(arrivalsOf(model, { copies, pages: [] }), order)) {
          arrive(replica);
          const { position } = replica.conversation(CHAT);
          const missing = model.entries.find(({ seq }) => !replica.conversation(CHAT).hasReceived(seq));
          expect(contiguousSeq(position)).toBe((missing?.seq ?? model.head_seq + 1) - 1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("takes the answer to a change only if nothing newer has come since it was asked for", () => {
    const model = new LogModel([
      { kind: "message", sender_id: ME, isFromHere: false },
      { kind: "change", change: "edited", pick: 0 },
      { kind: "change", change: "reaction", pick: 0 },
    ]);
    const answer = model.message(1, 2);
    const late = beginning();
    late.takeFrame(model.frame({ seq: 1, message_seq: 1, change: null, isFromHere: false }), "device", 0);
    const version = late.conversation(CHAT).log.get(1)?.version;
    late.takeFrame(
      model.frame({ seq: 3, message_seq: 1, change: "reaction", isFromHere: false }),
      "device",
      0,
    );
    late.takeAnswer(answer, version);
    expect(late.conversation(CHAT).log.get(1)?.message).toEqual(model.message(1, 3));

    const quick = beginning();
    quick.takeFrame(model.frame({ seq: 1, message_seq: 1, change: null, isFromHere: false }), "device", 0);
    quick.takeAnswer(answer, version);
    expect(quick.conversation(CHAT).log.get(1)?.message).toEqual(answer);
  });
});
