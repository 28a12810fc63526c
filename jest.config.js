// Types are checked by `npm run lint`; here TypeScript is only transpiled (isolatedModules in tsconfig.json).
const common = {
  rootDir: __dirname,
  testEnvironment: "node",
  modulePathIgnorePatterns: ["<rootDir>/apps/"],
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
};
// Tests on the cluster keep what its namespaces held when one fails.
const cluster = { ...common, testEnvironment: "<rootDir>/tests/cluster/support/environment.ts" };

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/unit/**/*.test.ts"],
    },
    {
      ...common,
      displayName: "chart",
      testMatch: ["<rootDir>/tests/chart/*.test.ts"],
    },
    {
      // In namespaces of their own: these may run beside each other and beside everything else.
      ...cluster,
      displayName: "cluster",
      testMatch: ["<rootDir>/tests/cluster/**/*.test.ts"],
      testPathIgnorePatterns: ["\\.(stack|quiet)\\.test\\.ts$"],
    },
    {
      // On the deployed stack: one after the other.
      ...cluster,
      displayName: "stack",
      testMatch: ["<rootDir>/tests/cluster/**/*.stack.test.ts"],
    },
    {
      // On the deployed stack, with figures that mean something only where nothing else runs.
      ...cluster,
      displayName: "quiet",
      testMatch: ["<rootDir>/tests/cluster/**/*.quiet.test.ts"],
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"],
    },
  ],
};
