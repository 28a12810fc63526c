/// <reference lib="dom" />
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { figure } from "../cluster/support/figures";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { findBarriers } from "./support/accessibility";
import { launch, Window } from "./support/browser";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { keepVitals, measureLoad } from "./support/vitals";

const SCHEMES = ["light", "dark"] as const;
/** What a page may take to come up on a busy machine, in milliseconds, and by how much it may shift. */
const WORST = { firstContentfulPaint: 3_000, largestContentfulPaint: 4_000, blocked: 1_500 };
const WORST_SHIFT = 0.1;
/** Pixels that a finger needs. */
const FINGER = 44;

/** Pixels by which the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** What is too small for a finger, with its size in pixels; what is drawn around a button for that counts. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const all = document.querySelectorAll<HTMLElement>(
      "button, a[href], input, select, textarea, summary",
    );
    return Array.from(all).flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      // Not there, for nobody to see, or until the keyboard comes to it.
      const hidden = !element.checkVisibility() || width <= 1 || element.matches('[href="#main"]');
      if (hidden) return [];
      const around = getComputedStyle(element, "::after");
      const room = around.position === "absolute" ? -Math.min(0, Number.parseFloat(around.top)) : 0;
      const sizes = [width, height].map((size) => Math.round(size + 2 * room));
      const name = element.getAttribute("aria-label") ?? element.textContent ?? element.tagName;
      return Math.min(...sizes) < least ? [`${name}: ${sizes.join(" × ")}`] : [];
    });
  }, FINGER);
}

/** The longest that anything on the page takes to move, in seconds. */
function longestMotion(page: Page): Promise<number> {
  return page.evaluate(() => {
    const durations = Array.from(document.querySelectorAll("*")).flatMap((element) =>
      [null, "::before", "::after"].flatMap((pseudo) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element, pseudo);
        return `${animationDuration},${transitionDuration}`.split(",").map(Number.parseFloat);
      }),
    );
    return Math.max(...durations.filter((seconds) => !Number.isNaN(seconds)));
  });
}

/** Waits until all that comes to rest has done so. */
async function comeToRest(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ effect, playState }) =>
          playState !== "running" || effect?.getComputedTiming().iterations === Infinity,
      ),
  );
}

describe("looks", () => {
  let browser: Browser;
  /** The address of a conversation. */
  let thread: string;
  const person = newPerson();
  let cookies: Awaited<ReturnType<Window["context"]["cookies"]>>;

  /** A window in which the person is signed in. */
  const openSignedIn = async (options: BrowserContextOptions = {}): Promise<Window> => {
    const window = await Window.open(browser, options);
    await window.context.addCookies(cookies);
    return window;
  };

  beforeAll(async () => {
    browser = await launch();
    const window = await Window.open(browser);
    const chat = new ChatPage(window.page);
    await new AuthPage(window.page).join(person);
    await chat.ask("add buy milk");
    await chat.ask("add pay the rent due tomorrow with high priority");
    await chat.ask("mark buy milk as done");
    await chat.ask("what is on my list?");
    thread = new URL(window.page.url()).pathname;
    cookies = await window.context.cookies();
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

    test("no barriers on the sign-in page after the session has expired", async () => {
      await window.page.goto("/sign-in?next=%2Ftasks&reason=expired");
      await new AuthPage(window.page).expired.waitFor();
      await check("sign-in-expired");
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

    test("no barriers in the list of conversations, while renaming and before deleting", async () => {
      const { page } = window;
      const chat = new ChatPage(page);
      await chat.open();
      const row = chat.thread("add buy milk");
      await row.hover();
      await row.getByTestId("thread-rename").click();
      await page.getByTestId("thread-title-input").waitFor();
      await check("thread-renaming");
      await page.keyboard.press("Escape");
      await row.hover();
      await row.getByTestId("thread-delete").click();
      await page.getByTestId("confirm").waitFor();
      await check("thread-deleting");
      await page.keyboard.press("Escape");
      await page.getByTestId("confirm").waitFor({ state: "detached" });
      await row.waitFor();
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
      await tasks.search("nothing like that");
      await tasks.empty.waitFor();
      await check("tasks-none-fit");
    });

    test("no barriers on the tasks page of somebody who has none", async () => {
      const other = await Window.open(browser, { colorScheme });
      const tasks = new TaskPanel(other.page);
      await new AuthPage(other.page).join(newPerson());
      await tasks.open();
      await tasks.empty.waitFor();
      await other.screenshot(`tasks-empty-${colorScheme}`);
      expect(await findBarriers(other.page)).toEqual([]);
      await other.close();
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
    await window.context.addCookies(cookies);
    await chat.open();
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

  test("has room for a finger wherever there is something to press", async () => {
    const window = await openSignedIn({
      viewport: { width: 320, height: 640 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = window;
    await page.goto(thread);
    await new ChatPage(page).answers.nth(3).waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await page.goto("/tasks");
    await new TaskPanel(page).task("buy milk").waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await new TaskPanel(page).task("buy milk").getByTestId("task-edit").click();
    await page.getByTestId("task-editor").waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await page.getByTestId("open-menu").click();
    await page.getByRole("dialog", { name: "Menu" }).waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await window.close();
  });

  /** The chat and the tasks as they are in a window: nothing cut off, no barriers, and a picture of each. */
  async function lookAt(window: Window, name: string): Promise<void> {
    const { page } = window;
    await page.goto(thread);
    await new ChatPage(page).answers.nth(3).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot(`chat-${name}`);
    await page.goto("/tasks");
    await new TaskPanel(page).task("buy milk").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot(`tasks-${name}`);
  }

  test("can be used at a zoom of 200 %", async () => {
    // What a window of 1280 × 800 has room for then.
    const window = await openSignedIn({
      viewport: { width: 640, height: 400 },
      deviceScaleFactor: 2,
    });
    await lookAt(window, "zoomed");
    const { page } = window;
    await page.getByTestId("task-add-input").click();
    await page.goto(thread);
    await new ChatPage(page).input.click();
    // Something of the conversation is left to see beside what one writes in.
    const log = await page.getByRole("log").boundingBox();
    expect(log?.height).toBeGreaterThan(120);
    await window.close();
  });

  test("says what is chosen and done without colours of its own", async () => {
    const window = await openSignedIn({ forcedColors: "active" });
    await lookAt(window, "forced-colors");
    const { page } = window;
    const tasks = new TaskPanel(page);
    const outlineOf = (testId: string): Promise<string> =>
      page.getByTestId(testId).evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(await outlineOf("task-filter-all")).toBe("solid");
    expect(await outlineOf("task-filter-open")).toBe("none");
    /** What is drawn in the check box, as a picture. */
    const drawn = async (title: string): Promise<string> =>
      (await tasks.task(title).locator("label").screenshot()).toString("base64");
    expect(await drawn("buy milk")).not.toBe(await drawn("pay the rent"));
    await window.close();
  });

  test("sets every text in its own direction", async () => {
    const window = await Window.open(browser);
    const { page } = window;
    const chat = new ChatPage(page);
    const tasks = new TaskPanel(page);
    await new AuthPage(page).join(newPerson("עדה"));
    await chat.ask("add לקנות חלב (3)!");
    await tasks.add("Call Sam");
    await chat.ask("מה ברשימה שלי?");
    const directions = (testId: string): Promise<string[]> =>
      page
        .getByTestId(testId)
        .evaluateAll((elements) => elements.map((one) => getComputedStyle(one).direction));
    expect(await directions("task-title")).toEqual(["rtl", "ltr"]);
    const messages = page.getByTestId("message-user").locator("[dir=auto]");
    expect(
      await messages.evaluateAll((all) => all.map((one) => getComputedStyle(one).direction)),
    ).toEqual(["ltr", "rtl"]);
    await chat.input.fill("שלום");
    expect(await directions("chat-input")).toEqual(["rtl"]);
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot("chat-rtl");
    await window.close();
  });

  test("a chosen theme wins over the system's, from the first paint", async () => {
    const window = await openSignedIn({ colorScheme: "light" });
    const { page } = window;
    await page.goto("/chat");
    const theme = page.getByTestId("theme");
    await theme.click();
    await theme.click();
    await page.reload({ waitUntil: "commit" });
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await window.close();
  });

  test("moves for those who like it, without barriers or shifts, and for nobody else", async () => {
    const still = await openSignedIn({ reducedMotion: "reduce" });
    await still.page.goto("/chat");
    await new ChatPage(still.page).suggestions.first().waitFor();
    expect(await longestMotion(still.page)).toBeLessThanOrEqual(0.001);
    await still.close();

    const moving = await openSignedIn({ reducedMotion: "no-preference" });
    const { page } = moving;
    await keepVitals(page);
    for (const path of ["/chat", "/tasks", thread]) {
      const { shift } = await measureLoad(page, path);
      await comeToRest(page);
      expect(await findBarriers(page)).toEqual([]);
      expect(shift).toBeLessThanOrEqual(WORST_SHIFT);
    }
    await page.goto("/chat");
    await new ChatPage(page).suggestions.first().waitFor();
    // Else the first check would have found nothing because there is nothing.
    expect(await longestMotion(page)).toBeGreaterThan(0.1);
    await moving.close();
  });

  test.each([
    // Forms, without the framework's client runtime.
    ["/sign-in", 5_000, false],
    ["/sign-up", 5_000, false],
    ["/chat", 300_000, true],
    ["/chat/<thread>", 300_000, true],
    ["/tasks", 200_000, true],
  ])(
    "%s loads at most %i bytes of JavaScript, soon, and doesn't shift (goal: page load)",
    async (name, limit, signedIn) => {
      const path = name.replace("/chat/<thread>", thread);
      const window = await (signedIn ? openSignedIn() : Window.open(browser));
      const { page, context } = window;
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
      await keepVitals(page);
      const vitals = await measureLoad(page, path);
      const inline = await page.evaluate(() =>
        Array.from(document.scripts, (script) => script.text.length).reduce(
          (sum, one) => sum + one,
          0,
        ),
      );
      const report = {
        path: name,
        scriptBytes: bytes,
        scripts: scripts.size,
        inlineScriptCharacters: inline,
        ...vitals,
      };
      writeFileSync(
        join(settings.reportDir, `load-${name.replace(/\W+/g, "-").replace(/^-|-$/g, "")}.json`),
        `${JSON.stringify(report, null, 2)}\n`,
      );
      const measured = (what: string, value: number, unit: string): void =>
        figure("goal: page load", `${name}: ${what}`, value, unit);
      measured("JavaScript", Math.round(bytes / 1000), "kB");
      measured("largest contentful paint", vitals.largestContentfulPaint, "ms");
      measured("blocked by scripts", vitals.blocked, "ms");
      await window.close();
      // Every page has some script, so nothing at all would mean that nothing was measured.
      expect(bytes + inline).toBeGreaterThan(500);
      expect(bytes + (signedIn ? 0 : inline)).toBeLessThanOrEqual(limit);
      expect(vitals.firstContentfulPaint).toBeGreaterThan(0);
      expect(vitals.firstContentfulPaint).toBeLessThanOrEqual(WORST.firstContentfulPaint);
      expect(vitals.largestContentfulPaint).toBeLessThanOrEqual(WORST.largestContentfulPaint);
      expect(vitals.blocked).toBeLessThanOrEqual(WORST.blocked);
      expect(vitals.shift).toBeLessThanOrEqual(WORST_SHIFT);
    },
  );
});
