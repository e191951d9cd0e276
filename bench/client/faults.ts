/** What a server must never do to an acked message. Any of these makes a run fail. */
export interface Faults {
  /** Acked and not delivered to a member, or sent and never answered. */
  readonly lost: number;
  /** Delivered, or acked, more than once on one socket. */
  readonly doubled: number;
  /** Delivered out of order, or at another place of the log than was acked. */
  readonly reordered: number;
}

export const NO_FAULTS: Faults = { lost: 0, doubled: 0, reordered: 0 };

export function addFaults(left: Faults, right: Faults): Faults {
  return {
    lost: left.lost + right.lost,
    doubled: left.doubled + right.doubled,
    reordered: left.reordered + right.reordered,
  };
}

export function countFaults({ lost, doubled, reordered }: Faults): number {
  return lost + doubled + reordered;
}
