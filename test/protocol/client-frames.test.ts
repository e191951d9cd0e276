import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ParsedFrame, parseClientFrames } from "../../src/protocol/frames/client-frame.ts";

const OPTIONS = { max_frame_bytes: 4_096, batch: false };
const CONVERSATION = "6f1d3a0e-5c0b-4f5e-9d3e-0f6f1b6c7a11";

function parse(value: unknown, batch = false): ParsedFrame[] {
  return parseClientFrames(JSON.stringify(value), { ...OPTIONS, batch });
}

function codeOf(parsed: readonly ParsedFrame[]): string | undefined {
  const [first] = parsed;
  return first && !first.ok ? first.refusal.code : undefined;
}

const send = {
  type: "MESSAGE_SEND",
  request_id: "r1",
  payload: { conversation_id: CONVERSATION, client_message_id: "m1", content: "hi" },
};

describe("client frames", () => {
  it("understands each frame, and ignores what it does not know in it", () => {
    const frames = [
      { type: "HEARTBEAT_PING", timestamp: 1 },
      { ...send, extra: true, payload: { ...send.payload, sender_id: "someone else" } },
      { type: "MESSAGE_ACK", payload: { conversation_id: CONVERSATION, seq: 3, status: "read" } },
      { type: "PRESENCE_UPDATE", payload: { status: "busy" } },
      { type: "SYNC_REQUEST", payload: { last_sync_id: 0 } },
      { type: "TYPING_INDICATOR", payload: { conversation_id: CONVERSATION, is_typing: true } },
    ];
    const parsed = parse(frames, true);
    expect(parsed.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
    expect(JSON.stringify(parsed)).not.toContain("someone else");
  });

  it("checks the size before it parses, in bytes", () => {
    expect(codeOf(parseClientFrames(`{${"x".repeat(4_096)}`, OPTIONS))).toBe("payload_too_large");
    expect(codeOf(parseClientFrames(`{${"界".repeat(1_366)}`, OPTIONS))).toBe("payload_too_large");
    expect(codeOf(parseClientFrames("{".padEnd(4_096, "x"), OPTIONS))).toBe("invalid_request");
  });

  it.each(["__proto__", "constructor", "toString", "NO_SUCH", ""])("does not know the type %j", (type) => {
    const [parsed] = parse({ type, request_id: "r9", payload: {} });
    expect(parsed).toMatchObject({ ok: false, refusal: { code: "unknown_type" }, request_id: "r9" });
  });

  it("names the field that does not fit", () => {
    const [parsed] = parse({ ...send, payload: { ...send.payload, content: 7 } });
    expect(parsed).toMatchObject({
      ok: false,
      request_id: "r1",
      refusal: { code: "invalid_request", errors: [{ path: "payload.content" }] },
    });
  });

  it("takes arrays only with batch=1, at most 100 frames, and refuses each bad one alone", () => {
    expect(codeOf(parse([send]))).toBe("invalid_request");
    expect(parse([send, { type: "?" }, send], true).map(({ ok }) => ok)).toEqual([true, false, true]);
    const ping = { type: "HEARTBEAT_PING" };
    expect(parse(Array(100).fill(ping), true)).toHaveLength(100);
    expect(codeOf(parse(Array(101).fill(ping), true))).toBe("invalid_request");
  });

  it.each(["content", "client_message_id"])("refuses lone surrogates and NUL in %s", (field) => {
    for (const bad of ["\ud800", "a\udc00b", "nul\0"]) {
      expect(codeOf(parse({ ...send, payload: { ...send.payload, [field]: bad } }))).toBe("invalid_request");
    }
  });

  it("refuses metadata that is too deep, too long, or no object", () => {
    const metadata = (value: unknown) =>
      codeOf(parse({ ...send, payload: { ...send.payload, metadata: value } }));
    expect(metadata({ a: { b: { c: 1 } } })).toBeUndefined();
    expect(metadata({ a: { b: { c: { d: { e: 1 } } } } })).toBe("invalid_request");
    expect(metadata([1])).toBe("invalid_request");
    expect(metadata("x")).toBe("invalid_request");
    expect(metadata({ "lone \ud800": 1 })).toBe("invalid_request");
    const long = parseClientFrames(
      JSON.stringify({ ...send, payload: { ...send.payload, metadata: { a: "x".repeat(9_000) } } }),
      { max_frame_bytes: 100_000, batch: false },
    );
    expect(codeOf(long)).toBe("invalid_request");
  });

  it("never throws, whatever comes", () => {
    const big = { max_frame_bytes: 1_000_000, batch: true };
    for (const text of [
      "[".repeat(100_000),
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      '{"a":'.repeat(50_000),
    ]) {
      expect(codeOf(parseClientFrames(text, big))).toBe("invalid_request");
    }
    expect(codeOf(parseClientFrames(new ArrayBuffer(8), big))).toBe("invalid_request");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => Array.isArray(parseClientFrames(text, big))),
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("MESSAGE_SEND", "MESSAGE_ACK", "SYNC_REQUEST"),
        (payload, type) => Array.isArray(parse({ type, payload }, true)),
      ),
    );
  });
});
