import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Outbox } from "../../sdk/outbox/outbox.ts";
import { judgeRefusal } from "../../sdk/outbox/policy.ts";

const CHATS = ["a", "b"];

function message(client_message_id: string, conversation_id: string) {
  return {
    client_message_id,
    conversation_id,
    content: "x",
    reply_to_seq: null,
    metadata: null,
    created_at: 0,
  };
}

/** An outbox, a server that stores a message when it comes whether or not its ack gets back, and all that can go wrong. */
class World {
  outbox = new Outbox();
  now = 0;
  readonly written: string[] = [];
  readonly stored: string[] = [];
  readonly failedOnce = new Set<string>();
  #socket = {};
  /** Messages that have come to the server and whose ack may still come. */
  #unanswered: string[] = [];

  put(chat: string): void {
    const id = `${chat}${this.written.length}`;
    this.written.push(id);
    this.outbox.put(message(id, chat));
  }

  pump(): void {
    this.outbox.forgetSockets((other) => other === this.#socket);
    const due = this.outbox.due(this.now);
    // One at a time in each conversation, the oldest first.
    expect(new Set(due.map(({ conversation_id }) => conversation_id)).size).toBe(due.length);
    for (const { client_message_id, conversation_id } of due) {
      const first = this.outbox.of(conversation_id).find(({ failure }) => failure === null);
      expect(first?.client_message_id).toBe(client_message_id);
      this.outbox.sent(client_message_id, this.#socket, this.now);
      if (!this.stored.includes(client_message_id)) this.stored.push(client_message_id);
      this.#unanswered.push(client_message_id);
    }
  }

  lose(): void {
    this.#socket = {};
    this.#unanswered = [];
  }

  ack(): void {
    this.outbox.settle(this.#unanswered.shift() ?? "");
  }

  postpone(_chat: string, pick: number): void {
    const id = this.#unanswered.pop();
    if (id !== undefined) this.outbox.postpone(id, this.now + 100, pick % 2 === 0);
  }

  fail(_chat: string, pick: number): void {
    const id = this.#some(pick);
    if (this.stored.includes(id) || !this.outbox.fail(id, { code: "forbidden", message: "" })) return;
    this.failedOnce.add(id);
  }

  retry(_chat: string, pick: number): void {
    this.outbox.retry(this.#some(pick));
  }

  drop(_chat: string, pick: number): void {
    const id = this.#some(pick);
    if (this.outbox.get(id)?.failure) this.outbox.drop(id);
  }

  wait(_chat: string, pick: number): void {
    this.now += 1 + (pick % 20_000);
  }

  reload(): void {
    const kept = JSON.parse(JSON.stringify(this.outbox.messages));
    this.outbox = new Outbox();
    this.outbox.restore(kept);
    this.lose();
  }

  /** Nothing goes wrong any more. */
  finish(): void {
    const isWaiting = () => this.outbox.messages.some(({ failure }) => failure === null);
    for (let round = 0; isWaiting(); round++) {
      expect(round).toBeLessThan(this.written.length + 2);
      this.now += 30_000;
      this.pump();
      while (this.#unanswered.length > 0) this.ack();
    }
  }

  #some(pick: number): string {
    return this.outbox.messages[pick % Math.max(1, this.outbox.messages.length)]?.client_message_id ?? "none";
  }
}

const stepArbitrary = fc.record({
  act: fc.constantFrom(
    ...(["put", "pump", "lose", "ack", "postpone", "fail", "retry", "drop", "wait", "reload"] as const),
  ),
  chat: fc.constantFrom(...CHATS),
  pick: fc.nat(),
});

describe("the outbox", () => {
  it("brings every message there, in the order it was written in its conversation, whatever is lost [IDEM-1]", () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 80 }), (steps) => {
        const world = new World();
        for (const { act, chat, pick } of steps) world[act](chat, pick);
        world.finish();
        for (const chat of CHATS) {
          const isPlain = (id: string) => id.startsWith(chat) && !world.failedOnce.has(id);
          expect(world.stored.filter(isPlain)).toEqual(world.written.filter(isPlain));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("sends again after a while without an answer, and at once when its socket is gone", () => {
    const outbox = new Outbox();
    const socket = {};
    outbox.put(message("1", "a"));
    outbox.sent("1", socket, 0);
    expect(outbox.due(14_999)).toEqual([]);
    expect(outbox.nextDue()).toBe(15_000);
    expect(outbox.due(15_000)).toHaveLength(1);
    outbox.sent("1", socket, 15_000);
    outbox.forgetSockets(() => false);
    expect(outbox.due(15_001)).toHaveLength(1);
  });

  it("sends nothing at all while the user has to wait [LIM-1]", () => {
    const outbox = new Outbox();
    outbox.put(message("1", "a"));
    outbox.put(message("2", "b"));
    outbox.sent("1", {}, 0);
    outbox.postpone("1", 500, true);
    expect(outbox.due(499)).toEqual([]);
    expect(outbox.nextDue()).toBe(500);
    expect(outbox.due(500).map(({ client_message_id }) => client_message_id)).toEqual(["1", "2"]);
  });

  it("goes on behind a message that failed, and sends that one last when it is tried again", () => {
    const outbox = new Outbox();
    for (const id of ["1", "2", "3"]) outbox.put(message(id, "a"));
    outbox.fail("1", { code: "message_too_long", message: "" });
    expect(outbox.due(0).map(({ client_message_id }) => client_message_id)).toEqual(["2"]);
    outbox.retry("1");
    expect(outbox.messages.map(({ client_message_id }) => client_message_id)).toEqual(["2", "3", "1"]);
  });
});

describe("a refusal", () => {
  it("is waited out, waited for, or final, by its code [SEND-4]", () => {
    expect(judgeRefusal("rate_limited", 1, 9_000, 0.5)).toEqual({ kind: "retry", delay_ms: 9_000 });
    expect(judgeRefusal("unavailable", 2, null, 0.5)).toEqual({ kind: "retry", delay_ms: 1_000 });
    expect(judgeRefusal("internal", 4, null, 0).kind).toBe("retry");
    expect(judgeRefusal("internal", 5, null, 0).kind).toBe("fail");
    expect(judgeRefusal("session_revoked", 1, null, 0).kind).toBe("wait_for_session");
    for (const code of [
      "invalid_request",
      "message_too_long",
      "conversation_not_found",
      "blocked",
      "new_code",
    ]) {
      expect(judgeRefusal(code, 1, null, 0).kind).toBe("fail");
    }
  });
});
