/// <reference lib="dom" />
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { findBarriers } from "./support/accessibility";
import { launch, Window } from "./support/browser";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";

const SCHEMES = ["light", "dark"] as const;

/** Pixels by which the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

describe("looks", () => {
  let browser: Browser;
  const person = newPerson();

  beforeAll(async () => {
    browser = await launch();
    const window = await Window.open(browser);
    const chat = new ChatPage(window.page);
    await new AuthPage(window.page).signUp(person);
    await chat.ask("add buy milk");
    await chat.ask("add pay the rent due tomorrow with high priority");
    await chat.ask("mark buy milk as done");
    await chat.ask("what is on my list?");
    await window.close();
  });
  afterAll(() => browser?.close());

  describe.each(SCHEMES)("%s", (colorScheme) => {
    let window: Window;

    beforeAll(async () => {
      window = await Window.open(browser, { colorScheme });
    });
    afterAll(() => window?.close());

    const check = async (name: string): Promise<void> => {
      await window.screenshot(`${name}-${colorScheme}`);
      expect(await findBarriers(window.page)).toEqual([]);
    };

    test("the system's colours are used", async () => {
      await new AuthPage(window.page).openSignIn();
      const [red = 0] = await window.page.evaluate(() =>
        (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number),
      );
      expect(red > 128).toBe(colorScheme === "light");
    });

    test("no barriers on the sign-up page", async () => {
      await new AuthPage(window.page).openSignUp();
      await check("sign-up");
    });

    test("no barriers on the sign-in page, with and without a message", async () => {
      const auth = new AuthPage(window.page);
      await auth.openSignIn();
      await check("sign-in");
      await auth.submitSignIn({ ...person, password: "wrong-password" });
      await auth.error.waitFor();
      await check("sign-in-error");
    });

    test("no barriers in the chat, new and with a conversation", async () => {
      await new AuthPage(window.page).signIn(person);
      const chat = new ChatPage(window.page);
      await chat.threads.first().waitFor();
      await check("chat-new");
      await chat.openThread("add buy milk");
      await chat.answers.nth(3).waitFor();
      await check("chat");
    });

    test("no barriers on the tasks page, while editing and after deleting", async () => {
      const tasks = new TaskPanel(window.page);
      await tasks.open();
      await tasks.task("buy milk").waitFor();
      await check("tasks");
      await tasks.task("buy milk").hover();
      await tasks.task("buy milk").getByTestId("task-edit").click();
      await check("tasks-editing");
      await window.page.keyboard.press("Escape");
      await tasks.delete("buy milk");
      await window.page.getByTestId("toast").waitFor();
      await check("tasks-undo");
      await tasks.undo();
      await tasks.task("buy milk").waitFor();
    });

    test("no barriers on a page that doesn't exist", async () => {
      await window.page.goto("/nowhere");
      await check("not-found");
    });
  });

  test.each([
    [320, 640],
    [390, 844],
    [768, 1024],
    [1024, 768],
  ])("fits a window of %i × %i", async (width, height) => {
    const window = await Window.open(browser, {
      viewport: { width, height },
      hasTouch: width < 768,
    });
    const { page } = window;
    const chat = new ChatPage(page);
    const auth = new AuthPage(page);
    await auth.openSignUp();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await auth.signIn(person);
    await chat.input.waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await window.screenshot(`chat-new-${width}`);

    if (width < 1024) {
      await page.getByTestId("open-menu").click();
      await window.screenshot(`menu-${width}`);
      expect(await findBarriers(page)).toEqual([]);
    }
    await chat.openThread("add buy milk");
    await chat.answers.nth(3).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await window.screenshot(`chat-${width}`);
    expect(await findBarriers(page)).toEqual([]);
    if (width < 768)
      await page
        .getByRole("navigation", { name: "Pages" })
        .getByRole("link", { name: /Tasks/ })
        .click();
    const tasks = new TaskPanel(page);
    await tasks.task("buy milk").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await window.screenshot(`tasks-${width}`);
    await window.close();
  });

  test("a chosen theme wins over the system's, from the first paint", async () => {
    const window = await Window.open(browser, { colorScheme: "light" });
    const { page } = window;
    await new AuthPage(page).signIn(person);
    const theme = page.getByTestId("theme");
    await theme.click();
    await theme.click();
    await page.reload({ waitUntil: "commit" });
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await window.close();
  });

  test.each([
    // Forms, without the framework's client runtime.
    ["/sign-in", 10_000, false],
    ["/sign-up", 10_000, false],
    ["/chat", 300_000, true],
  ])("%s loads at most %i bytes of JavaScript and doesn't shift", async (path, limit, signedIn) => {
    const window = await Window.open(browser);
    const { page, context } = window;
    if (signedIn) await new AuthPage(page).signIn(person);
    await page.goto("about:blank");
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    await client.send("Network.setCacheDisabled", { cacheDisabled: true });
    const scripts = new Set<string>();
    let bytes = 0;
    client.on("Network.responseReceived", ({ requestId, type }) => {
      if (type === "Script") scripts.add(requestId);
    });
    client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) bytes += encodedDataLength;
    });
    await page.addInitScript(() => {
      const seen = window as unknown as { shift: number; paint: number };
      seen.shift = 0;
      seen.paint = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          seen.shift += (entry as PerformanceEntry & { value: number }).value;
        }
      }).observe({ type: "layout-shift", buffered: true });
      new PerformanceObserver((list) => {
        seen.paint = list.getEntries().at(-1)?.startTime ?? 0;
      }).observe({ type: "largest-contentful-paint", buffered: true });
    });
    await page.goto(path, { waitUntil: "networkidle" });
    await page.waitForTimeout(500);
    const { shift, paint, inline } = await page.evaluate(() => {
      const seen = window as unknown as { shift: number; paint: number };
      const inline = Array.from(document.scripts, (script) => script.text.length);
      return {
        shift: seen.shift,
        paint: seen.paint,
        inline: inline.reduce((sum, length) => sum + length, 0),
      };
    });
    const name = path.slice(1);
    const report = {
      path,
      scriptBytes: bytes,
      scripts: scripts.size,
      inlineScriptCharacters: inline,
      shift,
      paintMs: Math.round(paint),
    };
    writeFileSync(
      join(settings.reportDir, `load-${name}.json`),
      `${JSON.stringify(report, null, 2)}\n`,
    );
    await window.close();
    // Every page has some script, so nothing at all would mean that nothing was measured.
    expect(bytes + inline).toBeGreaterThan(500);
    expect(bytes).toBeLessThanOrEqual(limit);
    expect(shift).toBeLessThanOrEqual(0.1);
  });
});
