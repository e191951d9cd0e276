import type { IncomingHttpHeaders } from "node:http";
import { type Problem, problemSchema } from "../../../src/protocol/errors.ts";

/** The server refused a WebSocket upgrade with a plain HTTP answer. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;

  constructor(status: number, headers: IncomingHttpHeaders, body: string) {
    super(`upgrade refused: ${status} ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** The answer, checked against the protocol. */
  get problem(): Problem {
    return problemSchema.parse(JSON.parse(this.body));
  }
}

/** How an upgrade that must fail was refused. */
export async function refusalOf(connecting: Promise<unknown>): Promise<UpgradeRefused> {
  const outcome = await connecting.catch((error: unknown) => error);
  if (outcome instanceof UpgradeRefused) return outcome;
  throw new Error("the upgrade was expected to be refused", { cause: outcome });
}
