// Types are checked by `npm run lint`; here TypeScript is only transpiled (isolatedModules in tsconfig.json).
const common = {
  rootDir: __dirname,
  testEnvironment: "node",
  modulePathIgnorePatterns: ["<rootDir>/apps/"],
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
};

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
      ...common,
      displayName: "cluster",
      testMatch: [
        "<rootDir>/tests/cluster/**/*.test.ts",
        "<rootDir>/tests/chart/cluster/**/*.test.ts",
      ],
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"],
    },
  ],
};
