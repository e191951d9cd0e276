/** Seeds that failed once, and what was wrong then; each was mended, and stays here. */
export const PINNED_SEEDS: readonly (readonly [seed: number, cause: string])[] = [
  [2325, "an inbox row came after the messages that bear its sync_id, and a cut in between lost it"],
  [2492, "a member's marks were on their way twice, and overtook each other"],
  [3594, "a conversation that had slept forgot what was acknowledged on its sockets"],
  [819, "a mark of a member was told that the conversation had told further before it slept"],
  [857, "a group had slept before it wrote down what was delivered"],
  [1031, "a read mark was taken, its answer lost, and the inbox never heard of it"],
  [
    83,
    "a catch-up that was to leave out what a device had acknowledged elsewhere read past the inbox's head",
  ],
  [
    8966,
    "an ack of what was still on its way to the inbox was cut off at its head, and the rest pushed again",
  ],
  [36, "a settling conversation passed over who had only a tick to get, and its alarm fired without end"],
  [1549, "what came in while a catch-up found nothing to push was never pushed"],
  [104, "a read mark over a device socket was refused while its conversation was not in the inbox yet"],
  [11, "what one device sent came late to its user's others, behind a debt of what others had written"],
  [16, "a read mark in a group that had slept was told to nobody"],
];

/** The same, of people who also change messages and groups. */
export const PINNED_CHANGES: readonly (readonly [seed: number, cause: string])[] = [
  [218, "who came back was served by two feeds at once, and heard of marks out of order"],
  [3038, "a device that was to catch up with a time as a member that another had followed saw a hole"],
  [1782, "a read mark was answered after its user had left, and brought the row back"],
  [245, "who came back had read on before the entry that says so came, and its row fell back"],
  [237, "a mark came late to a conversation that had told a newer one before it slept"],
  [127, "settings of a group were refused to who had come back, until the group that had crashed told it"],
  [5741, "a row from before a leaving came after it, to a device that had heard of it, and stayed"],
  [448, "settings were refused to a member whose object its conversation could not reach"],
];

/** The same, of people who also hide messages and invite. */
export const PINNED_ASIDES: readonly (readonly [seed: number, cause: string])[] = [
  [83, "a device was cut off between an inbox row and what was hidden with it, under one sync_id"],
];
