import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type KeyTimes,
  nextKeySignsFrom,
  outlivedKeys,
  PUBLICATION_LEAD_MS,
  signingKeyAt,
} from "../../src/domain/signing-keys.ts";

const DAY = 24 * 60 * 60 * 1000;
const rules = { signing_ms: 90 * DAY, token_ms: 15 * 60 * 1000 };

/** A year and a half of nightly rounds, with what holds after each. */
function simulate(check: (keys: readonly KeyTimes[], now: number) => void): void {
  let keys: KeyTimes[] = [];
  for (let now = 0; now < 540 * DAY; now += DAY) {
    const signs_from = nextKeySignsFrom(keys, rules, now);
    if (signs_from !== null) keys = [...keys, { kid: `key-${now / DAY}`, created_at: now, signs_from }];
    const outlived = outlivedKeys(keys, rules, now);
    keys = keys.filter((key) => !outlived.includes(key.kid));
    check(keys, now);
  }
}

describe("signing keys", () => {
  it("signs from the first moment, and with each key for about its time", () => {
    const signed = new Map<string, number>();
    simulate((keys, now) => {
      const kid = signingKeyAt(keys, now)?.kid;
      expect(kid).toBeDefined();
      if (kid !== undefined) signed.set(kid, (signed.get(kid) ?? 0) + 1);
    });
    expect(signed.size).toBe(6);
    for (const days of signed.values()) expect(days).toBeLessThanOrEqual(91);
  });

  it("publishes a key an hour before it signs", () => {
    simulate((keys, now) => {
      const latest = keys.at(-1);
      if (latest && latest.created_at === now && now > 0) {
        expect(latest.signs_from).toBe(now + PUBLICATION_LEAD_MS);
        expect(signingKeyAt(keys, now)).not.toBe(latest);
      }
    });
  });

  it("keeps a key for as long as a token of it can live, and no week longer", () => {
    const first: KeyTimes = { kid: "first", created_at: 0, signs_from: 0 };
    const second: KeyTimes = { kid: "second", created_at: 90 * DAY, signs_from: 91 * DAY };
    const lastTokenDies = second.signs_from + rules.token_ms;
    expect(outlivedKeys([first, second], rules, lastTokenDies)).toEqual([]);
    expect(outlivedKeys([first, second], rules, lastTokenDies + PUBLICATION_LEAD_MS)).toEqual(["first"]);
    simulate((keys) => expect(keys.length).toBeLessThanOrEqual(2));
  });

  it("never drops the only key, however old", () => {
    expect(outlivedKeys([{ kid: "only", created_at: 0, signs_from: 0 }], rules, 1000 * DAY)).toEqual([]);
  });

  it("uses a first key that another isolate's clock has dated ahead", () => {
    expect(signingKeyAt([{ kid: "first", created_at: 5, signs_from: 5 }], 0)?.kid).toBe("first");
  });

  it("keeps the key of every living token, however irregular the rounds are", () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 60 * DAY }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 20 * DAY }), (pauses, token_ms) => {
        const rules = { signing_ms: 30 * DAY, token_ms };
        let keys: KeyTimes[] = [];
        let now = 0;
        let issued: { kid: string | undefined; expires_at: number }[] = [];
        for (const [round, pause] of pauses.entries()) {
          const signs_from = nextKeySignsFrom(keys, rules, now);
          if (signs_from !== null) keys = [...keys, { kid: `key-${round}`, created_at: now, signs_from }];
          const outlived = outlivedKeys(keys, rules, now);
          keys = keys.filter(({ kid }) => !outlived.includes(kid));
          const kids = new Set<string | undefined>(keys.map(({ kid }) => kid));
          issued = issued.filter(({ expires_at }) => expires_at > now);
          for (const { kid } of issued) expect(kids).toContain(kid);
          for (const at of [now, now + pause - 1]) {
            issued.push({ kid: signingKeyAt(keys, at)?.kid, expires_at: at + token_ms });
          }
          now += pause;
        }
      }),
    );
  });
});
