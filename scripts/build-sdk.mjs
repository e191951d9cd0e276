// @ts-check
// npm run build:sdk: the SDK as its users get it, in sdk/dist.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { buildSdk } = await import("./lib/build-sdk.mjs");
  await buildSdk();
  console.log("Built sdk/dist. To publish it: npm publish ./sdk");
  return 0;
});
