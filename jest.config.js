// Types are checked by `npm run lint`; here TypeScript is only transpiled (isolatedModules in tsconfig.json).
const common = {
  rootDir: __dirname,
  testEnvironment: "node",
  modulePathIgnorePatterns: ["<rootDir>/apps/"],
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
};
// Tests on the cluster keep what its namespaces held when one fails.
const cluster = { ...common, testEnvironment: "<rootDir>/tests/cluster/support/environment.ts" };

// These have nodes and containers of their own, and need nothing that others use.
const APART = "/tests/cluster/(containers|docker-runtime|targets)\\.test\\.ts$";
// These take DNS, an image, the database or the production pods from everybody for a while.
const DISRUPTIVE = "/(dev|edge-cases|probes)\\.stack\\.test\\.ts$";

/** @type {import("jest").Config} */
module.exports = {
  // Tests that run processes wait for them; on a busy machine that takes more than Jest's 5 s.
  testTimeout: 30_000,
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
      // In namespaces of their own, on the node and the database server that the deployed stack uses too.
      ...cluster,
      displayName: "cluster",
      testMatch: ["<rootDir>/tests/cluster/**/*.test.ts"],
      testPathIgnorePatterns: ["\\.(stack|quiet|leaks)\\.test\\.ts$", APART],
    },
    {
      ...cluster,
      displayName: "apart",
      testRegex: [APART],
    },
    {
      // On the deployed stack: one after the other.
      ...cluster,
      displayName: "stack",
      testMatch: ["<rootDir>/tests/cluster/**/*.stack.test.ts"],
      testPathIgnorePatterns: [DISRUPTIVE],
    },
    {
      // On the deployed stack, while nothing else uses what it uses.
      ...cluster,
      displayName: "disruptive",
      testRegex: [DISRUPTIVE],
    },
    {
      // On the deployed stack, with figures that mean something only where nothing else runs.
      ...cluster,
      displayName: "quiet",
      testMatch: ["<rootDir>/tests/cluster/**/*.quiet.test.ts"],
    },
    {
      // On the deployed stack when all else is done, to look through everything that was left.
      ...cluster,
      displayName: "leaks",
      testMatch: ["<rootDir>/tests/cluster/**/*.leaks.test.ts"],
    },
    {
      // On an engine of its own, as Docker Desktop's: for those who ask for it, by `npm run test:desktop`.
      ...common,
      displayName: "desktop",
      testMatch: ["<rootDir>/tests/desktop/*.test.ts"],
    },
    {
      // From the first version's program to today's, on a cluster of its own: for those who ask for it, by `npm run test:upgrade`.
      ...common,
      displayName: "upgrade",
      testMatch: ["<rootDir>/tests/upgrade/*.test.ts"],
    },
    {
      // Builds with nothing cached: for those who ask for it, by `npm run test:reproducible`.
      ...common,
      displayName: "reproducible",
      testMatch: ["<rootDir>/tests/reproducible/*.test.ts"],
    },
  ],
};
