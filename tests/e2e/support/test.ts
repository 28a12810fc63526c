import { type BrowserContextOptions, test as base, expect } from "@playwright/test";
import { dump } from "../../run/dump";
import { TESTS_PROFILE } from "../../support/profile";
import { AuthPage } from "../pages/auth-page";
import { ChatPage } from "../pages/chat-page";
import { TaskPanel } from "../pages/task-panel";
import { Window } from "./window";

export { expect } from "@playwright/test";

/** kubectl may be asked for much. */
const KEEP_LIMIT_MS = 300_000;

/** What a test is given. */
interface Fixtures {
  /** Opens one more window; after the test all are closed, and none of them may have had a problem. */
  open: (options?: BrowserContextOptions) => Promise<Window>;
  /** How `window` is opened: a browser context's options. */
  windowOptions: BrowserContextOptions;
  /** The first person's window; what follows is in it. */
  window: Window;
  auth: AuthPage;
  chat: ChatPage;
  tasks: TaskPanel;
  /** Keeps what the tests' namespaces hold when a test fails, in the folder TEST_REPORT_DIR. */
  clusterKept: undefined;
}

export const test = base.extend<Fixtures>({
  open: async ({ browser }, use, testInfo) => {
    const windows: Window[] = [];
    await use(async (options) => {
      const window = await Window.open(browser, options);
      windows.push(window);
      return window;
    });
    if (testInfo.errors.length > 0)
      console.info(windows.flatMap(({ unanswered }) => unanswered).join("\n"));
    await Promise.all(windows.map((window) => window.close()));
    expect(windows.flatMap(({ problems }) => problems)).toEqual([]);
  },
  windowOptions: [{}, { option: true }],
  window: async ({ open, windowOptions }, use) => use(await open(windowOptions)),
  context: async ({ window }, use) => use(window.context),
  page: async ({ window }, use) => use(window.page),
  auth: async ({ page }, use) => use(new AuthPage(page)),
  chat: async ({ page }, use) => use(new ChatPage(page)),
  tasks: async ({ page }, use) => use(new TaskPanel(page)),
  clusterKept: [
    async ({}, use, testInfo) => {
      await use(undefined);
      const folder = process.env.TEST_REPORT_DIR;
      if (testInfo.errors.length === 0 || !folder) return;
      await dump(TESTS_PROFILE, testInfo.titlePath.slice(1).join(" › "), folder);
    },
    { auto: true, timeout: KEEP_LIMIT_MS },
  ],
});
