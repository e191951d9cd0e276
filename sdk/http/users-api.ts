import { z } from "zod";
import { blockSchema, type FriendStatus, friendSchema } from "../../src/protocol/friend.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { accountSchema, type ProfileUpdate, presenceSchema, userSchema } from "../../src/protocol/user.ts";
import { type Call, nothingSchema, type PageRequest, segment } from "./call.ts";

const usersSchema = z.object({ items: z.array(userSchema) });

export interface FriendsRequest extends PageRequest {
  readonly status?: Exclude<FriendStatus, "none">;
}

/** Users, friends and blocks. */
export function usersApi(call: Call) {
  return {
    me: () => call(accountSchema, { method: "GET", path: "/api/users/me" }),
    updateMe: (update: ProfileUpdate) =>
      call(accountSchema, { method: "PUT", path: "/api/users/me", body: update }),
    user: (user_id: string) => call(userSchema, { method: "GET", path: `/api/users/${segment(user_id)}` }),
    /** Up to 100 of them, without their `status_text`; who is not there is left out. */
    users: (user_ids: readonly string[]) =>
      call(usersSchema, { method: "POST", path: "/api/users/lookup", body: { user_ids }, repeatable: true }),
    /** Users whose user name or display name begins so. */
    findUsers: (q: string, page: PageRequest = {}) =>
      call(pageSchema(userSchema), { method: "GET", path: "/api/users", query: { q, ...page } }),
    /** Members whose user name, or a word of whose display name, begins so. */
    findMembers: (conversation_id: string, q: string, page: PageRequest = {}) =>
      call(pageSchema(userSchema), {
        method: "GET",
        path: "/api/users",
        query: { q, conversation_id, ...page },
      }),
    presence: (user_id: string) =>
      call(presenceSchema, { method: "GET", path: `/api/users/${segment(user_id)}/presence` }),

    friends: (request: FriendsRequest = {}) =>
      call(pageSchema(friendSchema), { method: "GET", path: "/api/friends", query: { ...request } }),
    requestFriend: (user_id: string) =>
      call(friendSchema, { method: "POST", path: "/api/friends", body: { user_id } }),
    acceptFriend: (user_id: string) =>
      call(friendSchema, { method: "POST", path: `/api/friends/${segment(user_id)}/accept` }),
    removeFriend: (user_id: string) =>
      call(nothingSchema, { method: "DELETE", path: `/api/friends/${segment(user_id)}` }),

    blocks: (page: PageRequest = {}) =>
      call(pageSchema(blockSchema), { method: "GET", path: "/api/blocks", query: { ...page } }),
    block: (user_id: string) =>
      call(nothingSchema, { method: "PUT", path: `/api/blocks/${segment(user_id)}` }),
    unblock: (user_id: string) =>
      call(nothingSchema, { method: "DELETE", path: `/api/blocks/${segment(user_id)}` }),
  };
}
