import { describe, expect, it } from "vitest";
import { z } from "zod";
import { limitsSchema, parseLimits } from "../../src/protocol/limits.ts";

const NAMES = Object.keys(limitsSchema.shape);

describe("limits", () => {
  it("are read from their own upper-case variables only", () => {
    const defaults = parseLimits({});
    expect(Object.keys(defaults)).toEqual(NAMES);
    expect(parseLimits({ max_devices: "1", PATH: "/bin", DB: {} })).toEqual(defaults);
    expect(parseLimits({ MAX_DEVICES: "7" })).toEqual({ ...defaults, max_devices: 7 });
    expect(parseLimits({ MAX_DEVICES: 7 })).toEqual({ ...defaults, max_devices: 7 });
  });

  it.each(NAMES)("%s: a bad value is refused, and its name told", (name) => {
    for (const bad of ["", "many", "0", "-1", "1.5", "1e400", "NaN", {}, null]) {
      const parsed = () => parseLimits({ [name.toUpperCase()]: bad });
      expect(parsed, JSON.stringify(bad)).toThrow(z.ZodError);
      expect(parsed).toThrow(new RegExp(`"${name}"`));
    }
  });

  it("name every bad variable at once", () => {
    const parsed = () => parseLimits({ MAX_DEVICES: "x", MAX_FRAME_BYTES: "y" });
    expect(parsed).toThrow(/max_frame_bytes[\s\S]*max_devices/);
  });
});
