import { describe, expect, it } from "vitest";
import { ProfileLoader } from "../../sdk/sync/profile-loader.ts";

const ids = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);
const settled = () => new Promise((resolve) => setTimeout(resolve));
const userOf = (user_id: string) => ({
  user_id,
  username: user_id,
  display_name: user_id,
  avatar_url: null,
  status_text: "",
});

interface Server {
  readonly fails?: () => boolean;
  /** Whom it does not know. */
  readonly missing?: string;
}

function loader({ fails = () => false, missing = "" }: Server = {}) {
  const asked: (readonly string[])[] = [];
  const taken: string[] = [];
  let loads = 0;
  const profiles = new ProfileLoader(
    { takeProfile: ({ user_id }) => void taken.push(user_id) },
    async (user_ids) => {
      asked.push(user_ids);
      if (fails()) throw new Error("no network");
      return { items: user_ids.filter((user_id) => user_id !== missing).map(userOf) };
    },
    () => loads++,
  );
  return { profiles, asked, taken, loads: () => loads };
}

describe("profiles of those who are named by their id only", () => {
  it("are asked for together, and once", async () => {
    const { profiles, asked, taken, loads } = loader();
    profiles.meet(ids(3));
    profiles.meet(ids(4));
    await Promise.resolve();
    profiles.meet(ids(4));
    expect(asked).toEqual([["user-0", "user-1", "user-2"], ["user-3"]]);
    await settled();
    expect(taken).toEqual(ids(4));
    expect(loads()).toBe(2);
  });

  it("are asked for in as many requests as the server wants", async () => {
    const { profiles, asked, taken } = loader();
    profiles.meet(ids(250));
    await settled();
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(taken).toEqual(ids(250));
  });

  it("are asked for again after a failure, when their users are named again", async () => {
    let isOffline = true;
    const { profiles, asked, taken, loads } = loader({ fails: () => isOffline });
    profiles.meet(ids(2));
    await settled();
    expect(loads()).toBe(0);
    isOffline = false;
    profiles.meet(ids(1));
    await settled();
    expect(asked).toEqual([["user-0", "user-1"], ["user-0"]]);
    expect(taken).toEqual(["user-0"]);
  });

  it("are asked for anew where they were kept, once, when there is somebody to ask", async () => {
    let isOffline = true;
    const { profiles, asked, taken } = loader({ fails: () => isOffline });
    profiles.restored(ids(150));
    expect(asked).toEqual([]);
    profiles.connected();
    await settled();
    isOffline = false;
    profiles.connected();
    await settled();
    profiles.connected();
    expect(asked.map(({ length }) => length)).toEqual([100, 50, 100, 50]);
    expect(taken).toEqual(ids(150));
  });

  it("are not asked for again of those who are not there", async () => {
    const { profiles, asked, taken } = loader({ missing: "user-1" });
    profiles.meet(ids(2));
    await settled();
    profiles.meet(ids(2));
    expect(asked).toHaveLength(1);
    expect(taken).toEqual(["user-0"]);
  });
});
