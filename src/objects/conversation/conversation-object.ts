import { DurableObject } from "cloudflare:workers";
import type { ConversationRpc } from "./rpc.ts";

export class ConversationObject extends DurableObject<Env> implements ConversationRpc {
  async create(): ReturnType<ConversationRpc["create"]> {
    throw new Error("not built yet");
  }
  async describe(): ReturnType<ConversationRpc["describe"]> {
    throw new Error("not built yet");
  }
  async listMembers(): ReturnType<ConversationRpc["listMembers"]> {
    throw new Error("not built yet");
  }
  async history(): ReturnType<ConversationRpc["history"]> {
    throw new Error("not built yet");
  }
  async receipts(): ReturnType<ConversationRpc["receipts"]> {
    throw new Error("not built yet");
  }
  async submit(): ReturnType<ConversationRpc["submit"]> {
    throw new Error("not built yet");
  }
  async mark(): ReturnType<ConversationRpc["mark"]> {
    throw new Error("not built yet");
  }
  async readEntries(): ReturnType<ConversationRpc["readEntries"]> {
    throw new Error("not built yet");
  }
  async recallAllowance(): ReturnType<ConversationRpc["recallAllowance"]> {
    throw new Error("not built yet");
  }
  async endSessions() {}
  async listDeadLetters(): ReturnType<ConversationRpc["listDeadLetters"]> {
    throw new Error("not built yet");
  }
  async replayDeadLetters(): ReturnType<ConversationRpc["replayDeadLetters"]> {
    throw new Error("not built yet");
  }
  async ping() {}
}
