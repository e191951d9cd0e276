import type { UimError } from "../../../sdk/index.ts";
import type { Catalogue } from "../text/en.ts";

export type FieldName = "username" | "email" | "display_name" | "password";
const FIELDS: readonly FieldName[] = ["username", "email", "display_name", "password"];

/** What is wrong with which field, as far as the refusal says it. */
export function faultsOf(error: UimError, text: Catalogue): Partial<Record<FieldName, string>> {
  if (error.code === "username_taken") return { username: text.errors.username_taken };
  if (error.code === "email_taken") return { email: text.errors.email_taken };
  const faults: Partial<Record<FieldName, string>> = {};
  for (const { path, message } of error.errors) {
    const field = FIELDS.find((name) => name === path);
    if (field) faults[field] ??= message;
  }
  return faults;
}
