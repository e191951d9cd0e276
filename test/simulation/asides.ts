import type { KnownMessage } from "./client/conversation-view.ts";
import type { Device } from "./client/device.ts";
import type { Ledger } from "./client/ledger.ts";
import { changeGroup, type Deed, joiningOf, mostlyTheFounders } from "./deed.ts";
import type { Scheduler } from "./platform/scheduler.ts";
import type { Random } from "./random.ts";
import type { Chat } from "./world.ts";

/** What people do beside the log: they delete messages for themselves, and let others in by invitations. */
export class Asides {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #scheduler: Scheduler;

  constructor(random: Random, ledger: Ledger, scheduler: Scheduler) {
    this.#random = random;
    this.#ledger = ledger;
    this.#scheduler = scheduler;
  }

  deedsOf(chat: Chat, device: Device, message: KnownMessage | null): Deed[] {
    return [
      ...(message ? [[80, () => this.#hide(chat, device, message)] as const] : []),
      ...(chat.seed.type === "group" ? this.#inviting(chat, device) : []),
    ];
  }

  #hide({ seed: { conversation_id } }: Chat, device: Device, { message_id }: KnownMessage): void {
    device.change(conversation_id, async (worker) => {
      await worker.hide(device.identity, conversation_id, message_id);
      this.#ledger.hid(device.identity.user_id, message_id);
    });
  }

  #inviting(chat: Chat, someone: Device): Deed[] {
    const host = mostlyTheFounders(chat, someone, this.#random);
    const { secrets } = this.#ledger.invitationsTo(chat.seed.conversation_id);
    const invite: Deed = [20, () => this.#invite(chat, host)];
    if (secrets.length === 0) return [invite];
    const secret = this.#random.pick(secrets);
    return [
      invite,
      [40, () => this.#comeIn(chat, host, secret)],
      [20, () => this.#revoke(chat, host, secret)],
    ];
  }

  #invite({ seed: { conversation_id } }: Chat, host: Device): void {
    const secret = this.#random.uuid(4).replaceAll("-", "");
    const max_uses = this.#random.between(1, 2);
    const expires_in = this.#random.pick([null, 1, 10]);
    host.change(conversation_id, async (worker) => {
      const command = { kind: "create", request: { expires_in, max_uses }, secret } as const;
      const [invite] = await worker.manageInvites(host.identity, conversation_id, command);
      if (invite) this.#ledger.invitationsTo(conversation_id).given(secret, max_uses, invite.expires_at);
    });
  }

  /** An invitation goes round: some are sent away, and several want to come in at once. */
  #comeIn({ people, seed: { conversation_id } }: Chat, host: Device, secret: string): void {
    for (const person of people) {
      const { user_id } = person;
      const [device] = person.devices;
      if (!device?.isKnown) continue;
      if (this.#random.chance(0.3))
        changeGroup(host, conversation_id, { kind: "remove", user_id }, this.#ledger);
      this.#scheduler.after(this.#random.between(0, 600), () =>
        device.change(conversation_id, async (worker) => {
          const joining = joiningOf(person);
          const { head_seq } = await worker.acceptInvite(conversation_id, joining, secret);
          const command = { kind: "add", joining: [joining] } as const;
          this.#ledger.groupChanges.push({ conversation_id, command, head_seq });
        }),
      );
    }
  }

  #revoke({ seed: { conversation_id } }: Chat, host: Device, secret: string): void {
    host.change(conversation_id, async (worker) => {
      await worker.manageInvites(host.identity, conversation_id, { kind: "revoke", secret });
      this.#ledger.invitationsTo(conversation_id).revoked(secret, this.#scheduler.now);
    });
  }
}
