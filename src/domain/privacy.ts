import { type Privacy, type PrivacyUpdate, privacyUpdateSchema } from "../protocol/privacy.ts";

export const DEFAULT_PRIVACY: Privacy = {
  read_receipts: true,
  last_seen: "friends",
  who_may_write: "everyone",
};

/** Settings as they were stored: what the user has not chosen is as by default; what cannot be read counts as not chosen. */
export function privacyOf(stored: PrivacyUpdate): Privacy {
  const {
    read_receipts = DEFAULT_PRIVACY.read_receipts,
    last_seen = DEFAULT_PRIVACY.last_seen,
    who_may_write = DEFAULT_PRIVACY.who_may_write,
  } = privacyUpdateSchema.safeParse(stored).data ?? {};
  return { read_receipts, last_seen, who_may_write };
}
