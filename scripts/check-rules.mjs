// @ts-check
// Every rule of docs/protocol.md §4 is named by a test. Part of npm run check.
import { ROOT } from "./lib/paths.mjs";
import { checkRules } from "./lib/rules.mjs";

const problems = checkRules(ROOT);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
