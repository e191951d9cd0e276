import { createRoute } from "@hono/zod-openapi";
import { v7 } from "uuid";
import { configOf } from "../../config.ts";
import { blockersAmong } from "../../db/blocks.ts";
import { openDatabase } from "../../db/client.ts";
import { findContact } from "../../db/contacts.ts";
import { groupId, oneOnOneId } from "../../domain/conversation-id.ts";
import { isContactRequest, refuseFirstContact } from "../../domain/first-contact.ts";
import { initialGroupMembers, oneOnOneMembers, refuseMemberCount } from "../../domain/membership.ts";
import { privacyOf } from "../../domain/privacy.ts";
import type { Caller } from "../../middleware/app-env.ts";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { demand, RefusalError, refuse, unwrap } from "../../middleware/refusal-error.ts";
import { withinTime } from "../../middleware/time-limit.ts";
import type { ConversationSeed } from "../../objects/conversation/rpc.ts";
import {
  type Conversation,
  type CreateGroup,
  conversationSchema,
  createConversationSchema,
  createGroupSchema,
} from "../../protocol/conversation.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import { conveyBlock } from "../people/convey-block.ts";
import { answer, body, createRouter, problem, signedIn } from "../router.ts";
import { demandUsers } from "./demand-users.ts";

export const createConversationRoutes = createRouter();

const NOT_ONESELF = invalidRequest([{ path: "participant_id", message: "must be another user" }]);

/** Whoever begins a conversation waits so long for its members' objects to hear of it. */
const INTRODUCTION_LIMIT_MS = 2_000;

const responses = {
  200: answer(conversationSchema, "The one that there is already"),
  201: answer(conversationSchema, "Created"),
  default: problem,
};

createConversationRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/conversations",
    tags: ["Conversations"],
    summary: "Begin a one-on-one conversation or a group",
    request: { body: body(createConversationSchema) },
    responses,
  }),
  async (c) => {
    const wanted = c.req.valid("json");
    const { caller } = c.var;
    const { conversation, created } = await (wanted.type === "group"
      ? createGroup(c.env, caller, wanted)
      : createOneOnOne(c.env, caller, wanted.participant_id));
    return c.json(conversation, created ? 201 : 200);
  },
);

createConversationRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/conversations/group",
    tags: ["Conversations"],
    summary: "Begin a group",
    request: { body: body(createGroupSchema.partial({ type: true })) },
    responses,
  }),
  async (c) => {
    const wanted = { ...c.req.valid("json"), type: "group" } as const;
    const { conversation, created } = await createGroup(c.env, c.var.caller, wanted);
    return c.json(conversation, created ? 201 : 200);
  },
);

/** `created`: false if it was there already. */
interface Begun {
  readonly conversation: Conversation;
  readonly created: boolean;
}

async function createOneOnOne(env: Env, caller: Caller, participant_id: string): Promise<Begun> {
  const { user_id } = caller.identity;
  if (participant_id === user_id) throw new RefusalError(NOT_ONESELF);
  const contact = await findContact(openDatabase(env.DB), user_id, participant_id);
  if (!contact) throw refuse("not_found", "There is no such user");
  const { who_may_write } = privacyOf(contact.user.privacy);
  const acquaintance = { ...contact, who_may_write };
  const conversation_id = oneOnOneId(user_id, participant_id);
  const cause = refuseFirstContact(acquaintance);
  // What may not begin may have begun before: it stays to be read.
  if (cause) {
    const begun = await findBegun(env, conversation_id, user_id);
    if (!begun) throw new RefusalError(cause);
    return begun;
  }
  const is_request = isContactRequest(acquaintance);
  const begun = await found(env, {
    conversation_id,
    type: "one_on_one",
    name: null,
    description: null,
    created_by: user_id,
    members: oneOnOneMembers(user_id, participant_id).map((member) =>
      member.user_id === user_id
        ? { ...member, username: caller.username }
        : { ...member, username: contact.user.username, ...(is_request && { is_request }) },
    ),
  });
  if (begun.created) await conveyBlocks(env, user_id, participant_id);
  return begun;
}

/** Null if there is no such conversation for this user. */
async function findBegun(env: Env, conversation_id: string, user_id: string): Promise<Begun | null> {
  const described = await conversationObject(env, conversation_id).describe(user_id);
  return described.ok ? { conversation: described.value, created: false } : null;
}

/** A block that was set while the conversation began did not find it. */
async function conveyBlocks(env: Env, user_id: string, participant_id: string): Promise<void> {
  for (const blocker of await blockersAmong(openDatabase(env.DB), user_id, participant_id)) {
    await conveyBlock(env, blocker, blocker === user_id ? participant_id : user_id);
  }
}

/** What is wrong with the request is found out before it counts as a group created (CONV-2, LIM-2). */
async function createGroup(env: Env, caller: Caller, wanted: CreateGroup): Promise<Begun> {
  const { user_id } = caller.identity;
  const { client_conversation_id: key } = wanted;
  const conversation_id = key === undefined ? v7() : groupId(user_id, key);
  const begun = key === undefined ? null : await findBegun(env, conversation_id, user_id);
  if (begun) return begun;
  const members = initialGroupMembers(user_id, wanted.participant_ids);
  demand(refuseMemberCount("group", members.length, configOf(env).limits.max_group_members));
  const usernames = await demandUsers(
    env,
    user_id,
    members.map((member) => member.user_id),
  );
  demand(await userObject(env, user_id).admit(caller.identity, "group"));
  return found(env, {
    conversation_id,
    type: "group",
    name: wanted.name,
    description: wanted.description,
    created_by: user_id,
    members: members.map((member) => ({ ...member, username: usernames.get(member.user_id) ?? "" })),
  });
}

/**
 * Answers when all members' objects have heard of it. If one hangs, or the answer is lost, it exists all the same, and its alarm
 * tells those who have not heard: nobody has to begin another (CONV-2).
 */
async function found(env: Env, seed: ConversationSeed): Promise<Begun> {
  const { conversation_id, created_by } = seed;
  const founding = conversationObject(env, conversation_id).create(seed).then(unwrap);
  return withinTime(founding, INTRODUCTION_LIMIT_MS).catch(async (error) => {
    const begun = await findBegun(env, conversation_id, created_by);
    if (!begun) throw error;
    return { ...begun, created: true };
  });
}
