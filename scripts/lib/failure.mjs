// @ts-check

/** Something the person at the keyboard can mend: its message says what happened and what to do. */
export class Failure extends Error {}

/**
 * What is wrong, if the person at the keyboard can mend it; null for a defect.
 * @param {unknown} error
 */
function mendable(error) {
  if (error instanceof Failure) return error.message;
  const isArguments =
    error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
  return isArguments ? error.message : null;
}

/**
 * Runs a script's main function: its number is the exit code. What can be mended is shown as a message; a defect keeps
 * its stack.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    const message = mendable(error);
    console.error(message === null ? error : `\n${message}\n`);
    process.exitCode = 1;
  }
}
