#!/usr/bin/env node
// @ts-check
// Stands in for curl on a machine that has none, for the lines of the README: -s, -H and -d.
const [, , ...args] = process.argv;
/** @type {{ url: string, headers: [string, string][], body: string | null }} */
const request = { url: "", headers: [], body: null };
for (let i = 0; i < args.length; i++) {
  const arg = args[i] ?? "";
  if (arg === "-H") {
    const [name = "", ...value] = (args[++i] ?? "").split(":");
    request.headers.push([name, value.join(":").trim()]);
  } else if (arg === "-d") request.body = args[++i] ?? "";
  else if (arg.startsWith("-")) {
    if (arg !== "-s") throw new Error(`unknown flag ${arg}`);
  } else request.url = arg;
}
const { url, headers, body } = request;
const response = await fetch(url, { method: body === null ? "GET" : "POST", headers, body });
process.stdout.write(await response.text());
