import { DurableObject } from "cloudflare:workers";
import type { LimiterRpc } from "./rpc.ts";

export class LimiterObject extends DurableObject<Env> implements LimiterRpc {
  async take() {
    return null;
  }
  async attempt() {
    return null;
  }
  async forgive() {}
}
