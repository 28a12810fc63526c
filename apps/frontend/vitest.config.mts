import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  test: {
    environment: "node",
    // Vitest itself would leave one core idle.
    maxWorkers: "100%",
    include: ["src/**/*.test.{ts,tsx}"],
    // Keys and password hashes take their time where images are built beside the tests.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
