import { defineConfig } from "drizzle-kit";

/** `npx drizzle-kit generate` writes the next step of `migrations/` from the schema. */
export default defineConfig({ dialect: "sqlite", schema: "./src/db/schema.ts", out: "./migrations" });
