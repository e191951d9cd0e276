/** What a device that returns is pushed of one conversation: everything after `after_seq`, and perhaps a gap before it. */
export interface CatchUp {
  readonly after_seq: number;
  readonly gap: { readonly from_seq: number; readonly to_seq: number } | null;
}

/** Plans the push for a device that has acked up to `position`: the newest `limit` entries, the rest as a gap (DLV-1). */
export function planCatchUp(position: number, head_seq: number, limit: number): CatchUp {
  if (head_seq - position <= limit) return { after_seq: position, gap: null };
  const after_seq = head_seq - limit;
  return { after_seq, gap: { from_seq: position + 1, to_seq: after_seq } };
}
