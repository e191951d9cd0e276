import { DurableObject } from "cloudflare:workers";
import type { UserRpc } from "./rpc.ts";

export class UserObject extends DurableObject<Env> implements UserRpc {
  async openSession() {}
  async admit() {
    return null;
  }
  async issueTicket(): ReturnType<UserRpc["issueTicket"]> {
    throw new Error("not built yet");
  }
  async redeemTicket(): ReturnType<UserRpc["redeemTicket"]> {
    throw new Error("not built yet");
  }
  async endSessions() {}
  async admitConversationSocket(): ReturnType<UserRpc["admitConversationSocket"]> {
    throw new Error("not built yet");
  }
  async grantAllowance(): ReturnType<UserRpc["grantAllowance"]> {
    throw new Error("not built yet");
  }
  async sendMessage(): ReturnType<UserRpc["sendMessage"]> {
    throw new Error("not built yet");
  }
  async markRead(): ReturnType<UserRpc["markRead"]> {
    throw new Error("not built yet");
  }
  async listInbox(): ReturnType<UserRpc["listInbox"]> {
    throw new Error("not built yet");
  }
  async presence(): ReturnType<UserRpc["presence"]> {
    throw new Error("not built yet");
  }
  async handOver(): ReturnType<UserRpc["handOver"]> {
    throw new Error("not built yet");
  }
  async ping() {}
}
