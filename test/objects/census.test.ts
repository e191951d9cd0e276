import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { as } from "../support/workerd/groups.ts";
import { connectDevice, group, newUser, oneOnOne } from "../support/workerd/world.ts";

describe("how many members are online", () => {
  it("is counted for members, once for all who ask within 30 s, without saying who", async () => {
    const [owner, bob, cem, eve] = [await newUser(), await newUser(), await newUser(), await newUser()];
    const stub = env.CONVERSATIONS.getByName(await group(owner, bob, cem));
    await connectDevice(owner);
    await connectDevice(bob);
    const presence = vi.spyOn(UserObject.prototype, "presence");
    const counts = await Promise.all([stub.countOnline(owner.user_id), stub.countOnline(cem.user_id)]);
    for (const count of counts) expect(count).toMatchObject({ ok: true, value: { online_count: 2 } });
    expect(presence).toHaveBeenCalledTimes(3);
    await connectDevice(cem);
    expect(await stub.countOnline(owner.user_id)).toMatchObject({ value: { online_count: 2 } });
    vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ["Date"] });
    expect(await stub.countOnline(owner.user_id)).toMatchObject({ value: { online_count: 3 } });
    vi.useRealTimers();
    presence.mockRestore();
    expect(await stub.countOnline(eve.user_id)).toMatchObject({
      refusal: { code: "conversation_not_found" },
    });
  });

  it("[PRES-3] is not told of two: the number would say whether the other is there", async () => {
    const [owner, bob, cem] = [await newUser(), await newUser(), await newUser()];
    await connectDevice(bob);
    const pair = env.CONVERSATIONS.getByName(await oneOnOne(owner, bob));
    expect(await pair.countOnline(owner.user_id)).toMatchObject({ refusal: { code: "forbidden" } });
    const conversation_id = await group(owner, bob, cem);
    const three = env.CONVERSATIONS.getByName(conversation_id);
    expect(await three.countOnline(owner.user_id)).toMatchObject({ value: { online_count: 1 } });
    await as(cem, conversation_id).leave();
    expect(await three.countOnline(owner.user_id)).toMatchObject({ refusal: { code: "forbidden" } });
  });

  it("does without whoever cannot be asked", async () => {
    const [owner, bob, cem] = [await newUser(), await newUser(), await newUser()];
    const stub = env.CONVERSATIONS.getByName(await group(owner, bob, cem));
    await connectDevice(owner);
    const presence = vi.spyOn(UserObject.prototype, "presence").mockRejectedValueOnce(new Error("not now"));
    expect(await stub.countOnline(owner.user_id)).toMatchObject({ ok: true });
    presence.mockRestore();
  });
});
