import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { settings } from "./settings";

/** A test is a person's whole errand, on a cluster that may be busy. */
const TEST_LIMIT_MS = 120_000;

jest.setTimeout(TEST_LIMIT_MS);

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a page must not do on its own: errors on the console, and exceptions nobody caught. */
const EXPECTED = [
  // The browser reports each failed request; the tests that cause some look at the page instead.
  /^Failed to load resource/,
];

/** One person's browser window: its own cookies, and a record of what went wrong in it. */
export class Window {
  readonly problems: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      if (EXPECTED.some((pattern) => pattern.test(message.text()))) return;
      this.problems.push(`console: ${message.text()}`);
    });
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await browser.newContext({
      baseURL: settings.baseUrl,
      viewport: { width: 1280, height: 800 },
      // Animations would make screenshots differ from run to run.
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(20_000);
    return new Window(context, await context.newPage());
  }

  /** Keeps a picture of what is shown among the reports. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(settings.reportDir, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: settings.chromium, args: ARGS });
}

/**
 * A browser for a group of tests. The windows that a test opens are closed after it, and none of
 * them may have had a problem.
 * @returns opens a window, with a browser context's options
 */
export function useWindows(): (options?: BrowserContextOptions) => Promise<Window> {
  const windows: Window[] = [];
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterEach(async () => {
    const opened = windows.splice(0);
    await Promise.all(opened.map((window) => window.close()));
    expect(opened.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return async (options) => {
    const window = await Window.open(browser, options);
    windows.push(window);
    return window;
  };
}
