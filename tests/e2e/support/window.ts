import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import { settings } from "./settings";

const ACTION_LIMIT_MS = 20_000;

/** What a page must not do on its own: errors on the console, and exceptions nobody caught. */
const EXPECTED = [
  // The browser reports each failed request; the tests that cause some look at the page instead.
  /^Failed to load resource/,
];

/** One person's browser window: its own cookies, and a record of what went wrong in it. */
export class Window {
  readonly problems: string[] = [];
  /** Requests that got no answer, or one that says so: for whoever asks why a test has failed. */
  readonly unanswered: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("requestfailed", (request) =>
      this.unanswered.push(`${request.url()}: ${request.failure()?.errorText}`),
    );
    page.on("response", (response) => {
      if (response.status() >= 400) this.unanswered.push(`${response.url()}: ${response.status()}`);
    });
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
    context.setDefaultTimeout(ACTION_LIMIT_MS);
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
