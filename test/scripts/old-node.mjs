// @ts-check
// Preloaded, makes Node look like an older one to the modules of this project: OLD_NODE says which.
import { registerHooks } from "node:module";

Object.defineProperty(process, "versions", {
  value: { ...process.versions, node: String(process.env.OLD_NODE) },
});
registerHooks({
  load(url, context, nextLoad) {
    const module = nextLoad(url, context);
    if (!url.startsWith("file:") || module.format !== "module") return module;
    // They came with 20.11.
    return {
      ...module,
      source: `delete import.meta.dirname; delete import.meta.filename;\n${module.source}`,
    };
  },
});
