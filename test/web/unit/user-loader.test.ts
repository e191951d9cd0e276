import { expect, it } from "vitest";
import type { UimClient, User } from "../../../sdk/index.ts";
import { userLoader } from "../../../web/src/data/user-loader.ts";

function user(user_id: string): User {
  return { user_id, username: user_id, display_name: "", avatar_url: null, status_text: "" };
}

/** A server that knows everybody but `nobody`, and what it was asked. */
function server() {
  const asked: (readonly string[])[] = [];
  const users: UimClient["api"]["users"] = async (user_ids) => {
    asked.push(user_ids);
    return {
      items: user_ids
        .filter((user_id) => user_id !== "nobody")
        .map(user)
        .reverse(),
    };
  };
  return { asked, api: { users } };
}

it("asks in one request for all whom a screen names, and gives each its own", async () => {
  const { asked, api } = server();
  const load = userLoader(api);
  const [ada, nobody, bob] = await Promise.allSettled(["ada", "nobody", "bob"].map(load));
  expect(asked).toEqual([["ada", "nobody", "bob"]]);
  expect(ada).toMatchObject({ value: { user_id: "ada" } });
  expect(bob).toMatchObject({ value: { user_id: "bob" } });
  expect(nobody).toMatchObject({ reason: { code: "not_found" } });
});

it("asks for no more than 100 at once", async () => {
  const { asked, api } = server();
  const load = userLoader(api);
  await Promise.all(Array.from({ length: 250 }, (_, index) => load(`user ${index}`)));
  expect(asked.map((user_ids) => user_ids.length)).toEqual([100, 100, 50]);
});
