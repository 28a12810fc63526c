import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "node", include: ["fuzz/**/*.fuzz.ts"], testTimeout: 60 * 60_000 },
});
