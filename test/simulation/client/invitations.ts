import { MAX_SKEW_MS } from "../faults.ts";

interface Invitation {
  readonly max_uses: number;
  /** When it was over, as far as anybody was told. */
  ended_at: number;
}

/** The invitations to one group that somebody was given. */
export class Invitations {
  readonly #given = new Map<string, Invitation>();

  get secrets(): string[] {
    return [...this.#given.keys()];
  }

  /** How many can have come by them. */
  get maxUses(): number {
    return [...this.#given.values()].reduce((sum, { max_uses }) => sum + max_uses, 0);
  }

  given(secret: string, max_uses: number, expires_at: number | null): void {
    this.#given.set(secret, { max_uses, ended_at: expires_at ?? Number.POSITIVE_INFINITY });
  }

  revoked(secret: string, now: number): void {
    const invitation = this.#given.get(secret);
    if (invitation) invitation.ended_at = Math.min(invitation.ended_at, now);
  }

  /** Was there one by which somebody can have come at that time? Two machines decide how long one is open. */
  wereOpenAt(time: number): boolean {
    return [...this.#given.values()].some(({ ended_at }) => time <= ended_at + 2 * MAX_SKEW_MS);
  }
}
