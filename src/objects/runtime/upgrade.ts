import { ERRORS, type Refusal } from "../../protocol/errors.ts";
import { UPGRADE_HEADER, type Upgrade, upgradeSchema } from "../../protocol/upgrade.ts";

/** Reads who is connecting. Only the Worker reaches an object, so a request without a valid header is our own mistake. */
export function readUpgrade(request: Request): Upgrade {
  const header = request.headers.get(UPGRADE_HEADER);
  if (header === null) throw new Error(`an upgrade came without ${UPGRADE_HEADER}`);
  return upgradeSchema.parse(JSON.parse(header));
}

/** A refused upgrade; the Worker turns it into a problem document. */
export function refuseUpgrade(refusal: Refusal): Response {
  return Response.json(refusal, { status: ERRORS[refusal.code].status });
}
