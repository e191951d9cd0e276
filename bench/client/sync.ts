import { z } from "zod";
import { historyPageSchema } from "../../src/protocol/message.ts";
import { RestClient } from "./rest.ts";
import { WireSocket } from "./wire-socket.ts";

const frameSchema = z.looseObject({
  type: z.string(),
  payload: z.looseObject({
    conversation_id: z.string().optional(),
    seq: z.number().optional(),
    from_seq: z.number().optional(),
    to_seq: z.number().optional(),
  }),
});
const textSchema = z.union([z.array(frameSchema), frameSchema.transform((frame) => [frame])]);

const PAGE = 100;

/** What a device that was away got, and how long it waited for all of it. */
export interface Sync {
  readonly ms: number;
  /** The places that came, pushed or fetched, by conversation. */
  readonly seqs: ReadonlyMap<string, readonly number[]>;
  /** How many were pushed after a later one. */
  readonly reordered: number;
}

/**
 * Connects a device that has missed something, and closes it again without an ack, so that it can be done once more. What
 * is announced as a gap is fetched from the history, all pages of it at once.
 */
export async function syncDevice(wsUrl: string, httpUrl: string, token: string): Promise<Sync> {
  const begun_at = performance.now();
  const seqs = new Map<string, number[]>();
  const rest = new RestClient(httpUrl, token);
  const fetched: Promise<void>[] = [];
  const note = (id: string, seq: number) => {
    const known = seqs.get(id);
    if (known) known.push(seq);
    else seqs.set(id, [seq]);
  };
  const fetchPage = async (id: string, after_seq: number, limit: number) => {
    const { body } = await rest.get(
      `/api/conversations/${id}/messages?after_seq=${after_seq}&limit=${limit}`,
    );
    for (const { seq } of historyPageSchema.parse(body).items) note(id, seq);
  };
  const texts: string[] = [];
  const socket = await new Promise<WireSocket>((resolve, reject) => {
    const opening = WireSocket.open(wsUrl, {
      onText: (payload) => {
        const text = payload.toString("latin1");
        texts.push(text);
        if (text.includes('"type":"SYNC_GAP"')) fetched.push(...fetchGaps(text, fetchPage));
        if (text.includes('"type":"SYNC_COMPLETE"')) opening.then(resolve, reject);
      },
      onClose: (code) => reject(new Error(`closed with ${code}`)),
    });
    opening.catch(reject);
  });
  await Promise.all(fetched);
  const ms = performance.now() - begun_at;
  socket.cut();
  rest.close();
  let reordered = 0;
  const pushed = new Map<string, number>();
  for (const { type, payload } of texts.flatMap((text) => textSchema.parse(JSON.parse(text)))) {
    if (type !== "MESSAGE_RECEIVE") continue;
    const { conversation_id = "", seq = 0 } = payload;
    if (seq < (pushed.get(conversation_id) ?? 0)) reordered++;
    pushed.set(conversation_id, seq);
    note(conversation_id, seq);
  }
  return { ms, seqs, reordered };
}

function fetchGaps(
  text: string,
  fetchPage: (id: string, after_seq: number, limit: number) => Promise<void>,
): Promise<void>[] {
  const gaps = textSchema.parse(JSON.parse(text)).filter(({ type }) => type === "SYNC_GAP");
  return gaps.flatMap(({ payload: { conversation_id = "", from_seq = 0, to_seq = 0 } }) => {
    const pages: Promise<void>[] = [];
    for (let seq = from_seq; seq <= to_seq; seq += PAGE)
      pages.push(fetchPage(conversation_id, seq - 1, Math.min(PAGE, to_seq - seq + 1)));
    return pages;
  });
}
