import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMON_PASSWORDS } from "../../src/auth/common-passwords.ts";
import { Gate } from "../../src/auth/gate.ts";
import { hashPassword, needsRehash, verifyNothing, verifyPassword } from "../../src/auth/password-hash.ts";
import { judgePassword } from "../../src/auth/password-policy.ts";

const owner = { username: "ada_l", email: "countess@example.org" };

afterEach(() => vi.useRealTimers());

describe("password policy", () => {
  it("refuses every common one, in any case, and says what to do", () => {
    const long = [...COMMON_PASSWORDS].filter((word) => word.length >= 8);
    expect(long.length).toBeGreaterThan(500);
    for (const password of long) {
      expect(judgePassword(password, owner)).toMatch(/;/);
      expect(judgePassword(password.toUpperCase(), owner)).not.toBeNull();
    }
  });

  it("refuses what is not well-formed: it could not be told from other such passwords", () => {
    expect(judgePassword("otter-\ud800-lantern", owner)).toMatch(/well-formed/);
  });

  it.each([
    "Password123",
    "zzzzzzzzzzzz",
    "abcabcabcabc",
    "12121212121",
    "hgfedcba",
    "poiuytrewq",
    "90123456",
    "ada_l1815",
    "countess!!",
  ])("refuses %s", (password) => {
    expect(judgePassword(password, owner)).not.toBeNull();
  });

  it.each([
    "correct horse battery staple",
    "otter-lantern-quarry",
    "Tr0ub4dor&3x",
    "ada_l went to the sea",
    "пароль-для-моря",
    "密码很长很长很好用",
    "xK9#mQ2$",
  ])("accepts %s", (password) => {
    expect(judgePassword(password, owner)).toBeNull();
  });
});

describe("password hashes", () => {
  it("say how they were made, and no two are alike", async () => {
    const [one, other] = await Promise.all([hashPassword("secret words"), hashPassword("secret words")]);
    expect(one).toMatch(/^scrypt\$14\$8\$5\$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword("secret words", one)).toBe(true);
    expect(await verifyPassword("secret wordz", one)).toBe(false);
    expect(await verifyNothing("secret words")).toBe(false);
    expect(needsRehash(one)).toBe(false);
    expect(needsRehash(one.replace("$14$", "$13$"))).toBe(true);
  });

  it.each(["", "plain", "scrypt$14$8$5$salt", "$2b$10$abcdefghijklmnopqrstuv", "scrypt$14$8$5$$"])(
    "that are none are an error, not a mismatch: %j",
    async (stored) => {
      await expect(verifyPassword("x", stored)).rejects.toThrow("malformed");
    },
  );
});

describe("the gate before hashing", () => {
  it("lets so many through at a time, in order, and turns away who finds no room", async () => {
    const gate = new Gate({ parallel: 2, waiting: 3 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const passed = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        gate.pass(async () => {
          most = Math.max(most, ++running);
          order.push(i);
          await scheduler.wait(10);
          running--;
          return i;
        }),
      ),
    );
    expect(passed).toEqual([0, 1, 2, 3, 4, null, null, null]);
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(await gate.pass(async () => "free again")).toBe("free again");
  });

  it("lets the next one through when the work throws", async () => {
    const gate = new Gate({ parallel: 1, waiting: 0 });
    await expect(gate.pass(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.pass(async () => 1)).toBe(1);
  });

  it("forgets who was cancelled", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const gate = new Gate({ parallel: 1, waiting: 0 });
    void gate.pass(() => new Promise(() => undefined));
    expect(await gate.pass(async () => 1)).toBeNull();
    vi.setSystemTime(Date.now() + 11_000);
    expect(await gate.pass(async () => 1)).toBe(1);
  });
});
