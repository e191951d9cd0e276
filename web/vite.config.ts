import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { emojiModules, isEmoji } from "./emoji-modules.ts";

/** Where `npm run dev` or `npm start` answers, for `npx vite web`. */
const SERVER = process.env.UIM_URL ?? "http://127.0.0.1:8787";

/** What is not built, and needed without a network all the same. */
const FIXED = ["/", "/theme.js", "/icon.svg", "/manifest.webmanifest"];

/** Writes into the service worker which files there are. Emoji and letters beyond Latin are fetched when somebody needs them. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_options, bundle) {
      const built = Object.entries(bundle)
        .filter(([name, file]) => /\.(?:js|css)$|latin-wght/.test(name) && !isEmoji(file))
        .map(([name]) => name);
      const files = [...FIXED, ...built.map((name) => `/${name}`).sort()];
      const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
      const source = fs
        .readFileSync(path.join(import.meta.dirname, "service-worker.js"), "utf8")
        .replace('"__VERSION__"', JSON.stringify(version))
        .replace('["__FILES__"]', JSON.stringify(files));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

/** Every schema would bring along how Zod tells it as JSON Schema, which nobody asks in a browser. */
function withoutJsonSchema(): Plugin {
  return {
    name: "without-json-schema",
    apply: "build",
    transform(code, id) {
      if (!/\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/.test(id)) return null;
      const names = [...code.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
      return { code: names.map((name) => `export const ${name} = () => undefined;`).join("\n"), map: null };
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), withoutJsonSchema(), emojiModules(), serviceWorker()],
  build: {
    target: "es2023",
    // Every file by its own name: an inlined one would need `data:` in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: { "/api": SERVER, "/health": SERVER, "/.well-known": SERVER, "/ws": { target: SERVER, ws: true } },
  },
});
