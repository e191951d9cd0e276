export const COLUMNS = ["owner", "admin", "member", "one_of_two"] as const;
export type Column = (typeof COLUMNS)[number];

export interface PermissionRow {
  readonly action: string;
  /** As `src/domain/permissions.ts` calls it; null for what it does not list. */
  readonly permission: string | null;
  readonly allowed: Readonly<Record<Column, boolean>>;
}

/** The table of who may do what in docs/protocol.md. */
export function permissionTable(page: string): PermissionRow[] {
  const rows = page.matchAll(
    /^\| ([^|]+?) \| (?:`(\w+)` )?\| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|$/gm,
  );
  return Array.from(rows, ([, action = "", permission, owner, admin, member, one_of_two]) => ({
    action,
    permission: permission ?? null,
    allowed: {
      owner: owner === "yes",
      admin: admin === "yes",
      member: member === "yes",
      one_of_two: one_of_two === "yes",
    },
  }));
}
