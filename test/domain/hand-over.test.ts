import { describe, expect, it } from "vitest";
import { isOrigin, publishMessage } from "../../src/domain/hand-over.ts";
import { CONVERSATION, entryOf, handedOf, ME, OTHER } from "./samples.ts";

describe("the device that sent an entry", () => {
  it("[DLV-3] is the sender's, by its id; the sender's other devices are not", () => {
    expect(isOrigin(handedOf(1, "phone"), ME, "phone")).toBe(true);
    expect(isOrigin(handedOf(1, "phone"), ME, "laptop")).toBe(false);
  });

  it("[DLV-1] is not another user's device that chose the same id", () => {
    expect(isOrigin(handedOf(1, "phone"), OTHER, "phone")).toBe(false);
  });

  it("[DLV-1] is nobody's when it is unknown, as after a restart", () => {
    const { handed } = publishMessage(entryOf(1, { sender_id: ME }), CONVERSATION, null);
    expect(isOrigin(handed, ME, "phone")).toBe(false);
  });
});
