// @ts-check
// Stands in for npm: notes in the file NPM_LOG when it begins and ends, and ends once NPM_MAY_END is there, with NPM_CODE.
// A .js, as npm is: install.mjs runs it with the Node that runs the command.
import fs from "node:fs";

const { NPM_LOG = "", NPM_MAY_END = "", NPM_CODE } = process.env;
fs.appendFileSync(NPM_LOG, "begin\n");
while (!fs.existsSync(NPM_MAY_END) && fs.existsSync(NPM_LOG))
  await new Promise((resolve) => setTimeout(resolve, 10));
if (fs.existsSync(NPM_LOG)) fs.appendFileSync(NPM_LOG, "end\n");
process.exitCode = Number(NPM_CODE ?? 0);
