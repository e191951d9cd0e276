/** What an inbox row tells a client, in a frame or over HTTP. */
export interface SeenRow {
  readonly conversation_id: string;
  readonly head_seq: number;
  readonly read_seq: number;
  readonly unread_count: number;
  readonly mention_count: number;
  readonly name: string | null;
  readonly muted_until: number | null;
  readonly sync_id: number;
}

interface InboxContext {
  readonly report: (rule: string, detail: string) => void;
  /** A row says up to where its conversation is read. */
  readonly sawRead: (conversation_id: string, seq: number) => void;
}

/** The inbox as a device shows it: the newest rows it was told. */
export class InboxView {
  readonly rows = new Map<string, SeenRow>();
  /** How often each conversation was told of. */
  readonly told = new Map<string, number>();
  /** With which entry the user has left. */
  readonly #left_seqs = new Map<string, number>();
  readonly #context: InboxContext;

  constructor(context: InboxContext) {
    this.#context = context;
  }

  /** The user is no member any more: since that entry, where it is known. */
  left(conversation_id: string, seq = -1): void {
    this.#note(conversation_id);
    this.#left_seqs.set(conversation_id, seq);
    this.rows.delete(conversation_id);
  }

  saw(row: SeenRow): void {
    const { report, sawRead } = this.#context;
    this.#note(row.conversation_id);
    // Told before the user's object heard of the leaving (docs/protocol.md §5).
    if (row.head_seq < (this.#left_seqs.get(row.conversation_id) ?? -1)) return;
    sawRead(row.conversation_id, row.read_seq);
    const known = this.rows.get(row.conversation_id);
    if (known && known.sync_id >= row.sync_id) return;
    if (known && row.read_seq < known.read_seq) {
      report("DLV-5", `the read mark of an inbox row fell from ${known.read_seq} to ${row.read_seq}`);
    }
    if (known && row.head_seq < known.head_seq) {
      report("DLV-1", `the head of an inbox row fell from ${known.head_seq} to ${row.head_seq}`);
    }
    this.rows.set(row.conversation_id, row);
  }

  #note(conversation_id: string): void {
    this.told.set(conversation_id, (this.told.get(conversation_id) ?? 0) + 1);
  }
}
