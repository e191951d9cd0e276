// @ts-check
// Who may import whom in src/, no circles, and no file too long. Part of npm run check.
import { checkBoundaries } from "./lib/boundaries.mjs";
import { ROOT } from "./lib/paths.mjs";

const problems = checkBoundaries(ROOT);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
