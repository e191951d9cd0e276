import os from "node:os";
import path from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { ensureWebFolder } from "./scripts/lib/web.mjs";
import { SUITE_LIMITS } from "./test/support/suite-limits.ts";

/** A secret comes from the environment; this one is the suite's own, any 32 bytes. */
process.env.MASTER_KEY = Buffer.alloc(32, "uim").toString("base64");

ensureWebFolder();

/** The objects, the Worker and its routes, run inside workerd. State is isolated per test file. */
const workerdPlugin = cloudflareTest(async () => ({
  wrangler: { configPath: path.join(import.meta.dirname, "wrangler.toml") },
  miniflare: {
    bindings: {
      ...SUITE_LIMITS,
      TEST_MIGRATIONS: await readD1Migrations(path.join(import.meta.dirname, "migrations")),
    },
  },
}));

/**
 * What the Worker imports, bundled once for all test files: each of them loads the whole Worker, and a module at a time
 * its packages alone would take a second. One that is missing here costs time only.
 */
const bundledPackages = [
  "@hono/zod-openapi",
  "drizzle-orm",
  "drizzle-orm/d1",
  "drizzle-orm/sqlite-core",
  "hono",
  "hono/body-limit",
  "hono/cookie",
  "hono/cors",
  "hono/factory",
  "hono/html",
  "hono/http-exception",
  "hono/jsx",
  "hono/route",
  "jose",
  "uuid",
  "zod",
];

/** What a poll waits for may take long on a busy machine; a second is what Vitest gives it. */
const patient = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    // Vitest would leave one core to its own process, which has little to do, as have most files: they wait for a socket.
    maxWorkers: os.availableParallelism() + 1,
    projects: [
      {
        test: {
          name: "domain",
          environment: "node",
          include: ["test/domain/**/*.test.ts", "test/protocol/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "sdk",
          expect: patient,
          environment: "node",
          include: ["test/sdk/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "web",
          expect: patient,
          environment: "node",
          include: ["test/web/**/*.test.ts"],
          globalSetup: ["./test/support/server/global-setup.ts", "./test/web/support/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "simulation",
          environment: "node",
          include: ["test/simulation/**/*.test.ts"],
          // The objects run in Node, on a model of their platform.
          alias: {
            "cloudflare:workers": path.join(
              import.meta.dirname,
              "test/simulation/platform/workers-module.ts",
            ),
          },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "scripts",
          expect: patient,
          environment: "node",
          include: ["test/scripts/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [workerdPlugin],
        test: {
          name: "workerd",
          expect: patient,
          include: ["test/objects/**/*.test.ts", "test/routes/**/*.test.ts"],
          setupFiles: ["./test/support/workerd/setup.ts"],
          deps: { optimizer: { ssr: { enabled: true, include: bundledPackages } } },
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: "e2e",
          expect: patient,
          environment: "node",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["./test/support/server/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "fuzz",
          environment: "node",
          include: ["test/fuzz/**/*.test.ts"],
          globalSetup: ["./test/support/server/global-setup.ts"],
          // The routes describe their schemas; what they run on is not needed for that.
          alias: { "cloudflare:workers": path.join(import.meta.dirname, "test/fuzz/cloudflare-workers.ts") },
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "faults",
          expect: patient,
          environment: "node",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["./test/support/server/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
