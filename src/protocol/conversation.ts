import { z } from "zod";
import {
  clientConversationIdSchema,
  conversationIdSchema,
  positionSchema,
  timestampSchema,
  userIdSchema,
} from "./ids.ts";
import { messageSchema } from "./message.ts";
import { roleSchema } from "./roles.ts";
import { lineSchema, textSchema } from "./text.ts";
import { avatarUrlSchema, userSchema } from "./user.ts";

export const conversationTypeSchema = z.enum(["one_on_one", "group"]);
export type ConversationType = z.infer<typeof conversationTypeSchema>;

/** A conversation as one of its members sees it. */
export const conversationSchema = z
  .object({
    conversation_id: conversationIdSchema,
    type: conversationTypeSchema,
    name: z.string().nullable(),
    description: z.string().nullable(),
    avatar_url: z.string().nullable(),
    created_by: userIdSchema,
    created_at: timestampSchema,
    member_count: z.number().int(),
    head_seq: positionSchema,
    role: roleSchema.describe("The caller's own role"),
    history_visible: z.boolean().describe("New members read what was said before they came (CONV-5)"),
    readable_after_seq: positionSchema.describe("The caller reads the entries after this one (CONV-5)"),
    peer_id: userIdSchema.optional().describe("In a one-on-one: the other user"),
  })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof conversationSchema>;

export const memberSchema = z
  .object({
    user_id: userIdSchema,
    role: roleSchema,
    joined_at: timestampSchema,
    delivered_seq: positionSchema,
    read_seq: positionSchema,
  })
  .meta({ id: "Member" });
export type Member = z.infer<typeof memberSchema>;

/** How many members are online; `as_of`: when they were counted. */
export const onlineCountSchema = z
  .object({ online_count: z.number().int().min(0), as_of: timestampSchema })
  .meta({ id: "OnlineCount" });
export type OnlineCount = z.infer<typeof onlineCountSchema>;

const createOneOnOneSchema = z.object({ type: z.literal("one_on_one"), participant_id: userIdSchema });

/** How many there may be is for `max_group_members` to say; this bounds only the request (CONV-2). */
const MAX_PARTICIPANTS_IN_REQUEST = 10_000;

export const createGroupSchema = z
  .object({
    type: z.literal("group"),
    name: lineSchema(100),
    description: textSchema(1000).nullable().default(null),
    participant_ids: z.array(userIdSchema).min(1).max(MAX_PARTICIPANTS_IN_REQUEST),
    client_conversation_id: clientConversationIdSchema.optional(),
  })
  .meta({ id: "CreateGroup" });
export type CreateGroup = z.infer<typeof createGroupSchema>;

/** What is left out stays. */
export const groupUpdateSchema = z
  .object({
    name: lineSchema(100),
    description: textSchema(1000).nullable(),
    avatar_url: avatarUrlSchema.nullable(),
    history_visible: z.boolean(),
  })
  .partial()
  .meta({ id: "GroupUpdate" });
export type GroupUpdate = z.infer<typeof groupUpdateSchema>;

export const addMembersSchema = z
  .object({ user_ids: z.array(userIdSchema).min(1).max(MAX_PARTICIPANTS_IN_REQUEST) })
  .meta({ id: "AddMembers" });

export const roleChangeSchema = z.object({ role: roleSchema }).meta({ id: "RoleChange" });

export const createConversationSchema = z
  .discriminatedUnion("type", [createOneOnOneSchema, createGroupSchema])
  .meta({ id: "CreateConversation" });

export const notificationLevelSchema = z.enum(["all", "mentions", "none"]);

/** One conversation in a user's inbox. */
export const inboxRowSchema = z
  .object({
    conversation_id: conversationIdSchema,
    type: conversationTypeSchema,
    name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    peer: userSchema
      .partial()
      .required({ user_id: true })
      .optional()
      .describe("In a one-on-one: the other user"),
    last_message: z.union([messageSchema, z.null()]),
    head_seq: positionSchema,
    read_seq: positionSchema,
    unread_count: z.number().int().min(0),
    mention_count: z.number().int().min(0).describe("Of the unread messages, those that name the user"),
    muted_until: timestampSchema.nullable(),
    notifications: notificationLevelSchema,
    pinned: z.boolean(),
    archived: z.boolean(),
    marked_unread: z.boolean().describe("Marked by the user to come back to; reading ends it"),
    is_request: z.boolean().describe("A stranger's first words, to be accepted"),
    updated_at: timestampSchema,
    sync_id: positionSchema,
  })
  .meta({ id: "InboxRow" });
export type InboxRow = z.infer<typeof inboxRowSchema>;
