// @ts-check

/** Something the person at the keyboard can mend: its message says what happened and what to do. */
export class Failure extends Error {}

/**
 * Runs a script's main function: its number is the exit code. A Failure is shown as its message; anything else is a
 * defect and keeps its stack.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}\n` : error);
    process.exitCode = 1;
  }
}
