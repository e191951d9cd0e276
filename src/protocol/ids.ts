import { z } from "zod";

/** A lower-case UUID string of any version (docs/protocol.md §1). */
export const uuidSchema = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    "must be a lower-case UUID",
  );

export const userIdSchema = uuidSchema.describe("UUIDv7 of a user");
export const messageIdSchema = uuidSchema.describe("UUIDv7 of a message; sorts by time (SEQ-3)");
export const conversationIdSchema = uuidSchema.describe("UUID of a conversation");
export const sessionIdSchema = uuidSchema.describe("UUIDv7 of a session");

/** Chosen by the client, so that a reinstalled app can keep its identity; the server makes one if there is none. */
export const deviceIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    "must be 1 to 64 letters, digits, '-' or '_', and begin with a letter or digit",
  )
  .describe("Device of a user");

const clientKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, "must be 1 to 64 printable ASCII characters without spaces");

/** Chosen by the client, unique per sender in a conversation for ever (IDEM-1). */
export const clientMessageIdSchema = clientKeySchema.describe("Idempotency key of a message");

/** Chosen by the client, unique per creator for ever (IDEM-2). */
export const clientConversationIdSchema = clientKeySchema.describe("Idempotency key of a new group");

/** Position of an entry in its conversation: 1, 2, 3, … (SEQ-1). */
export const seqSchema = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A position that may also be "before the first entry". */
export const positionSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Integer Unix milliseconds. */
export const timestampSchema = z.number().int().min(0);
