/** `npm run faults` runs every fault at full size; with the other tests, each runs small. */
export const FULL = process.env.FAULTS === "full";
