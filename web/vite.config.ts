import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` or `npm start` answers, for `npx vite web`. */
const SERVER = process.env.UIM_URL ?? "http://127.0.0.1:8787";

export default defineConfig({
  plugins: [react(), tailwind()],
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
