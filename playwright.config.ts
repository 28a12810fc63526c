import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BrowserType, defineConfig, firefox, webkit } from "@playwright/test";
import { settings } from "./tests/e2e/support/settings";

const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether Playwright's own build of a browser is on this machine. */
function isInstalled(browser: BrowserType): boolean {
  return existsSync(browser.executablePath());
}

export default defineConfig({
  testDir: "tests/e2e",
  testMatch: "**/*.test.ts",
  outputDir: join(settings.reportDir, "failed"),
  // They share one stack, and one of them takes its back end down.
  workers: 1,
  retries: 0,
  // A test is a person's whole errand, on a cluster that may be busy.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reportSlowTests: null,
  reporter: "list",
  use: { screenshot: "only-on-failure", trace: "retain-on-failure" },
  projects: [
    {
      name: "chromium",
      use: {
        browserName: "chromium",
        launchOptions: { executablePath: settings.chromium, args: CHROMIUM_ARGS },
      },
    },
    ...[firefox, webkit].filter(isInstalled).map((browser) => ({
      name: browser.name(),
      use: { browserName: browser.name() as "firefox" | "webkit" },
    })),
  ],
});
