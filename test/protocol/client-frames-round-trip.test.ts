import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clientFrameSchema,
  MAX_FRAMES_PER_BATCH,
  type ParsedFrame,
  parseClientFrames,
} from "../../src/protocol/frames/client-frame.ts";
import { HEARTBEAT_PING_TEXT, HEARTBEAT_PONG_TEXT } from "../../src/protocol/frames/heartbeat.ts";

const OPTIONS = { max_frame_bytes: 1_000_000, batch: false };

const conversation_id = fc.uuid();
const position = fc.maxSafeNat();
const clientMessageId = fc.string({ unit: fc.constantFrom(..."!aZ09-_~"), minLength: 1, maxLength: 64 });
const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", '"', "\\", "é", "漢", "😀"), maxLength: 40 });

/** With every field that has a default, so that what comes out is what went in. */
const payloads = {
  MESSAGE_SEND: fc.record({
    conversation_id,
    client_message_id: clientMessageId,
    content: text.filter((content) => content !== ""),
    message_type: fc.constant("text"),
    reply_to_seq: fc.option(fc.integer({ min: 1 })),
    metadata: fc.option(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)))),
  }),
  MESSAGE_ACK: fc.record({ conversation_id, seq: position, status: fc.constantFrom("delivered", "read") }),
  PRESENCE_UPDATE: fc.record(
    { status: fc.constantFrom("online", "away", "busy"), status_text: text.map((line) => line.trim()) },
    { requiredKeys: ["status"] },
  ),
  SYNC_REQUEST: fc.record({ last_sync_id: position }),
  TYPING_INDICATOR: fc.record({ conversation_id, is_typing: fc.boolean() }),
};

const envelope = fc.record(
  { request_id: fc.string({ maxLength: 128 }), timestamp: position },
  { requiredKeys: [] },
);
const frame = fc.oneof(
  envelope.map((fields) => ({ type: "HEARTBEAT_PING", ...fields })),
  ...Object.entries(payloads).map(([type, payload]) =>
    fc.tuple(envelope, payload).map(([fields, payload]) => ({ type, ...fields, payload })),
  ),
);

/** As JSON, where a missing field and an undefined one are the same. */
function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("client frames", () => {
  it("come out as they went in, alone and in batches", () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: MAX_FRAMES_PER_BATCH }), (frames) => {
        const expected = jsonOf(frames.map((frame) => ({ ok: true, frame })));
        expect(parseClientFrames(JSON.stringify(frames), { ...OPTIONS, batch: true })).toEqual(expected);
        const alone = frames.flatMap((frame) => parseClientFrames(JSON.stringify(frame), OPTIONS));
        expect(alone).toEqual(expected);
      }),
    );
  });

  it("are tried here one and all", () => {
    const types = clientFrameSchema.options.flatMap((option) => [...option.shape.type.values]);
    expect(types.toSorted()).toEqual(["HEARTBEAT_PING", ...Object.keys(payloads)].toSorted());
  });

  it("with a field missing are refused by the name of that field, and their request_id", () => {
    fc.assert(
      fc.property(frame, fc.nat(), (frame, choice) => {
        const payload = "payload" in frame ? { ...frame.payload } : {};
        const required = Object.keys(payload).filter((name) => !DEFAULTED.includes(name));
        const field = required[choice % required.length];
        if (field === undefined) return;
        const { [field]: _, ...rest } = Object.fromEntries(Object.entries(payload));
        const [parsed] = parseClientFrames(JSON.stringify({ ...frame, payload: rest }), OPTIONS);
        expect(pathsOf(parsed)).toEqual([`payload.${field}`]);
        expect(parsed).toHaveProperty("ok", false);
        if (frame.request_id !== undefined) expect(parsed).toHaveProperty("request_id", frame.request_id);
      }),
    );
  });
});

const DEFAULTED = ["message_type", "reply_to_seq", "metadata", "status_text"];

function pathsOf(parsed: ParsedFrame | undefined): string[] {
  return parsed && !parsed.ok ? (parsed.refusal.errors ?? []).map(({ path }) => path) : [];
}

describe("what is no frame", () => {
  const parse = (value: unknown, batch = false) =>
    parseClientFrames(JSON.stringify(value), { ...OPTIONS, batch });

  it("is refused, each member of a batch on its own", () => {
    for (const bad of [null, 7, "x", {}, { type: 7 }, { type: null }, []]) {
      expect(parse([bad, { type: "HEARTBEAT_PING" }], true)).toMatchObject([
        { ok: false, refusal: { code: "invalid_request", errors: [{ path: "type" }] } },
        { ok: true },
      ]);
    }
  });

  it("is answered with its request_id only if that is one", () => {
    expect(parse({ type: "NO_SUCH", request_id: "x".repeat(128) })[0]).toHaveProperty("request_id");
    for (const request_id of ["x".repeat(129), 7, null, {}]) {
      expect(parse({ type: "NO_SUCH", request_id })[0]).not.toHaveProperty("request_id");
      expect(parse({ type: "HEARTBEAT_PING", request_id })[0]).not.toHaveProperty("request_id");
    }
  });

  it("an empty batch has no frames", () => {
    expect(parse([], true)).toEqual([]);
  });

  it("any JSON is answered frame by frame, and never with an exception", () => {
    const types = fc.constantFrom(
      ...clientFrameSchema.options.flatMap((option) => [...option.shape.type.values]),
    );
    const anyFrame = fc.record(
      { type: types, request_id: fc.jsonValue(), payload: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, fc.jsonValue()), { maxLength: 20 }), (values) => {
        expect(parse(values, true)).toHaveLength(values.length);
      }),
    );
  });
});

describe("heartbeats", () => {
  it("the exact texts are what the platform answers without waking the object", () => {
    expect(HEARTBEAT_PING_TEXT).toBe('{"type":"HEARTBEAT_PING"}');
    expect(HEARTBEAT_PONG_TEXT).toBe('{"type":"HEARTBEAT_PONG"}');
    expect(parseClientFrames(HEARTBEAT_PING_TEXT, OPTIONS)).toEqual([
      { ok: true, frame: { type: "HEARTBEAT_PING" } },
    ]);
  });
});
