import { afterEach, describe, expect, it, vi } from "vitest";
import type { FriendAnswer } from "../../src/domain/friendship.ts";
import { FriendCalls } from "../../src/objects/user/friend-calls.ts";

const ANSWER: FriendAnswer = { status: "friends", version: 1, presence: null };
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Calls that are answered when the test says so. */
function begin() {
  const made: { friend_id: string; isNews: boolean; answer: () => void; fail: () => void }[] = [];
  const done = vi.fn();
  const answered = vi.fn();
  const calls = new FriendCalls({
    call: (friend_id, isNews) =>
      new Promise((resolve, reject) =>
        made.push({
          friend_id,
          isNews,
          answer: () => resolve(ANSWER),
          fail: () => reject(Object.assign(new Error("not now"), { overloaded: true })),
        }),
      ),
    answered,
    done,
  });
  return { calls, made, done, answered };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `friend-${n}`);

describe("calls to friends' objects", () => {
  it("go to each friend, 32 at a time", async () => {
    const { calls, made, done } = begin();
    calls.tell(ids(100));
    await turn();
    expect(made).toHaveLength(32);
    for (let next = 0; next < 100; next++) {
      made[next]?.answer();
      await turn();
      expect(made.length).toBe(Math.min(100, 33 + next));
    }
    expect(made.map(({ friend_id }) => friend_id)).toEqual(ids(100));
    expect(done).toHaveBeenCalledTimes(1);
  });

  it("go one at a time to the same friend, and what came meanwhile goes as one", async () => {
    const { calls, made } = begin();
    calls.tell(["a"]);
    await turn();
    for (let n = 0; n < 5; n++) calls.tell(["a", "b"]);
    await turn();
    expect(made.map(({ friend_id }) => friend_id)).toEqual(["a", "b"]);
    made[0]?.answer();
    await turn();
    expect(made.map(({ friend_id }) => friend_id)).toEqual(["a", "b", "a", "b"].slice(0, made.length));
    made[1]?.answer();
    await turn();
    for (const call of made.slice(2)) call.answer();
    await calls.whenDone();
    expect(made.filter(({ friend_id }) => friend_id === "a")).toHaveLength(2);
  });

  it("tell and ask at once where one event does both, and only ask where there is no news", async () => {
    const { calls, made, answered } = begin();
    const [first, second] = Object.values(new WebSocketPair());
    if (!first || !second) throw new Error("no sockets");
    calls.tell(["a"]);
    calls.ask(["a", "b"], first);
    calls.ask(["b"], second);
    await turn();
    expect(made.map(({ friend_id, isNews }) => [friend_id, isNews])).toEqual([
      ["a", true],
      ["b", false],
    ]);
    for (const { answer } of made) answer();
    await calls.whenDone();
    expect(answered.mock.calls).toEqual([
      ["a", ANSWER, new Set([first])],
      ["b", ANSWER, new Set([first, second])],
    ]);
  });

  it("are not needed any more for sockets that the friend has told itself meanwhile", async () => {
    const { calls, made, answered } = begin();
    const [socket] = Object.values(new WebSocketPair());
    if (!socket) throw new Error("no socket");
    calls.ask(["a"], socket);
    await turn();
    calls.ask(["a"], socket);
    calls.heardFrom("a");
    made[0]?.answer();
    await calls.whenDone();
    expect(answered.mock.calls).toEqual([["a", ANSWER, new Set()]]);
    expect(made).toHaveLength(1);
  });

  it("that fail are passed over, and said once in the log", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { calls, made, done, answered } = begin();
    calls.tell(["a", "b", "c"]);
    await turn();
    made[0]?.fail();
    made[1]?.fail();
    made[2]?.answer();
    await calls.whenDone();
    expect(answered).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0]?.[0])).toContain('"count":2');
  });

  it("that hang end after a time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { calls, made } = begin();
    calls.tell(["a"]);
    const done = calls.whenDone();
    await vi.advanceTimersByTimeAsync(2_001);
    await done;
    expect(made).toHaveLength(1);
  });

  it("are not made to who is no friend any more", async () => {
    const { calls, made } = begin();
    calls.tell(["a"]);
    await turn();
    calls.tell(["a"]);
    calls.drop("a");
    made[0]?.answer();
    await calls.whenDone();
    expect(made).toHaveLength(1);
  });
});
