import worker, { ConversationObject, LimiterObject, UserObject } from "../../src/worker.ts";
import { meterObjects, meterStubs, meterTimers } from "./instrument.ts";
import { readMeter } from "./meter.ts";

export { ConversationObject, LimiterObject, UserObject };

meterTimers();
meterObjects([ConversationObject.prototype, LimiterObject.prototype, UserObject.prototype]);

/** The storage's methods can be reached from an object only, so the first one that wakes is one of ours. */
let prepared: Promise<void> | null = null;

function prepare(env: Env): Promise<void> {
  meterStubs(env.USERS);
  return env.LIMITERS.getByName("meter").ping();
}

/** The Worker with a meter on everything that is billed, for the runs that count costs; see meter.ts. */
export default {
  async fetch(request, env, ctx) {
    prepared ??= prepare(env);
    await prepared;
    if (new URL(request.url).pathname === "/bench/meter") return Response.json(readMeter());
    return worker.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;
