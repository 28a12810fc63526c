// The browser tests against a deployed release: E2E_BASE_URL says where it is.
module.exports = {
  displayName: "e2e",
  rootDir: __dirname,
  testMatch: ["<rootDir>/**/*.test.ts"],
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": ["ts-jest", { tsconfig: `${__dirname}/../../tsconfig.json`, diagnostics: false }],
  },
  testTimeout: 90_000,
  // One browser after the other: some tests stop the back end that all of them share.
  maxWorkers: 1,
};
