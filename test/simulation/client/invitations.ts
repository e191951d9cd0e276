/** A machine's clock may be off by two seconds (`Faults.clockSkew`), and two of them decide how long an invitation is open. */
const MAX_SKEW_MS = 4_000;

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

  /** Was there one by which somebody can have come at that time? */
  wereOpenAt(time: number): boolean {
    return [...this.#given.values()].some(({ ended_at }) => time <= ended_at + MAX_SKEW_MS);
  }
}
