import { z } from "zod";

/** What a user lets others know and do. */
export const privacySchema = z
  .object({
    read_receipts: z.boolean().describe("Off: sends none and sees none (DLV-6)"),
    last_seen: z.enum(["friends", "nobody"]).describe("Who is told when the user was last seen"),
    who_may_write: z
      .enum(["everyone", "requests", "friends"])
      .describe("Who may begin a one-on-one; with `requests` a stranger's counts as a request"),
  })
  .meta({ id: "Privacy" });
export type Privacy = z.infer<typeof privacySchema>;

export const privacyUpdateSchema = privacySchema.partial().meta({ id: "PrivacyUpdate" });
export type PrivacyUpdate = z.infer<typeof privacyUpdateSchema>;
