/// <reference lib="dom" />
import type { Page } from "@playwright/test";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { findBarriers } from "./support/accessibility";
import { test } from "./support/conversation";
import { newPerson } from "./support/people";
import { expect } from "./support/test";
import { keepVitals, measureLoad, WORST_SHIFT } from "./support/vitals";
import type { Window } from "./support/window";

const SCHEMES = ["light", "dark"] as const;
/** Pixels that a finger needs. */
const FINGER = 44;

/** Pixels by which the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Pixels by which the page itself is longer than the window: only lists and conversations scroll. */
function excess(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
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

test.describe("looks", () => {
  for (const colorScheme of SCHEMES)
    test.describe(colorScheme, () => {
      test.use({ windowOptions: { colorScheme } });

      const check = async (window: Window, name: string): Promise<void> => {
        await window.screenshot(`${name}-${colorScheme}`);
        expect(await findBarriers(window.page)).toEqual([]);
      };

      test("the system's colours are used", async ({ page, auth }) => {
        await auth.openSignIn();
        const [red = 0] = await page.evaluate(() =>
          (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number),
        );
        expect(red > 128).toBe(colorScheme === "light");
      });

      test("no barriers on the sign-up page", async ({ window, auth }) => {
        await auth.openSignUp();
        await check(window, "sign-up");
      });

      test("no barriers on the sign-in page, with and without a message", async ({
        window,
        auth,
        conversation,
      }) => {
        await auth.openSignIn();
        await check(window, "sign-in");
        await auth.submitSignIn({ ...conversation.person, password: "wrong-password" });
        await expect(auth.error).toBeVisible();
        await check(window, "sign-in-error");
      });

      test("no barriers on the sign-in page after the session has expired", async ({
        window,
        page,
        auth,
      }) => {
        await page.goto("/sign-in?next=%2Ftasks&reason=expired");
        await expect(auth.expired).toBeVisible();
        await check(window, "sign-in-expired");
      });

      test("no barriers in the chat, new and with a conversation", async ({
        window,
        chat,
        auth,
        conversation,
      }) => {
        await auth.signIn(conversation.person);
        await expect(chat.threads.first()).toBeVisible();
        await check(window, "chat-new");
        await chat.openThread("add buy milk");
        await expect(chat.answers.nth(3)).toBeVisible();
        await check(window, "chat");
      });

      test("no barriers in the list of conversations, while renaming and after deleting", async ({
        window,
        page,
        context,
        chat,
        conversation,
      }) => {
        await context.addCookies(conversation.cookies);
        await chat.open();
        const row = chat.thread("add buy milk");
        await row.hover();
        await row.getByTestId("thread-rename").click();
        await expect(page.getByTestId("thread-title-input")).toBeVisible();
        await check(window, "thread-renaming");
        await page.keyboard.press("Escape");
        await row.hover();
        await row.getByTestId("thread-delete").click();
        await expect(row).toHaveCount(0);
        await check(window, "thread-deleted");
        await page.getByTestId("toast-action").click();
        await expect(row).toBeVisible();
      });

      test("no barriers on the tasks page, while editing and after deleting", async ({
        window,
        page,
        context,
        tasks,
        conversation,
      }) => {
        await context.addCookies(conversation.cookies);
        await tasks.open();
        await expect(tasks.task("buy milk")).toBeVisible();
        await check(window, "tasks");
        await tasks.task("buy milk").hover();
        await tasks.task("buy milk").getByTestId("task-edit").click();
        await check(window, "tasks-editing");
        await page.keyboard.press("Escape");
        await tasks.delete("buy milk");
        await expect(page.getByTestId("toast")).toBeVisible();
        await check(window, "tasks-undo");
        await tasks.undo();
        await expect(tasks.task("buy milk")).toBeVisible();
        await tasks.search("nothing like that");
        await expect(tasks.empty).toBeVisible();
        await check(window, "tasks-none-fit");
      });

      test("no barriers on the tasks page of somebody who has none", async ({
        window,
        auth,
        tasks,
      }) => {
        await auth.join(newPerson());
        await tasks.open();
        await expect(tasks.empty).toBeVisible();
        await check(window, "tasks-empty");
      });

      test("no barriers on a page that doesn't exist", async ({ window, page }) => {
        await page.goto("/nowhere");
        await check(window, "not-found");
      });
    });

  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [768, 1024],
    [1024, 768],
  ] as const)
    test(`fits a window of ${width} × ${height}`, async ({ open, conversation }) => {
      const window = await open({ viewport: { width, height }, hasTouch: width < 768 });
      const { page } = window;
      const chat = new ChatPage(page);
      const auth = new AuthPage(page);
      await auth.openSignUp();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await window.context.addCookies(conversation.cookies);
      await chat.open();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await window.screenshot(`chat-new-${width}`);

      if (width < 1024) {
        await page.getByTestId("open-menu").click();
        await window.screenshot(`menu-${width}`);
        expect(await findBarriers(page)).toEqual([]);
      }
      await chat.openThread("add buy milk");
      await expect(chat.answers.nth(3)).toBeVisible();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await window.screenshot(`chat-${width}`);
      expect(await findBarriers(page)).toEqual([]);
      if (width < 768)
        await page
          .getByRole("navigation", { name: "Pages" })
          .getByRole("link", { name: /Tasks/ })
          .click();
      const tasks = new TaskPanel(page);
      await expect(tasks.task("buy milk")).toBeVisible();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await window.screenshot(`tasks-${width}`);
    });

  test.describe("a long list", () => {
    const MANY = 130;
    test.use({ windowOptions: { colorScheme: "dark" } });
    test.beforeEach(async ({ auth, page }) => {
      await auth.register(newPerson());
      for (let count = 1; count <= MANY; count++) {
        const data = { title: `Task ${count}` };
        expect((await page.request.post("/api/backend/api/tasks", { data })).status()).toBe(201);
      }
    });

    test("scrolls by itself: the page is as long as the window", async ({ page, tasks }) => {
      for (const [width, height, path] of [
        [1280, 800, "/tasks"],
        [1280, 800, "/chat"],
        [390, 844, "/tasks"],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto(path);
        await tasks.items.first().hover();
        await expect(async () => {
          await page.mouse.wheel(0, 20_000);
          await expect(tasks.task(`Task ${MANY}`)).toBeInViewport({ timeout: 500 });
        }).toPass();
        await page.mouse.wheel(0, 20_000);
        expect(await excess(page)).toBe(0);
      }
    });

    test("is printed to its end, in dark letters, and without what one presses", async ({
      page,
      tasks,
    }) => {
      await tasks.open();
      await expect(tasks.task("Task 1")).toBeVisible();
      await page.emulateMedia({ media: "print" });
      await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      await expect(tasks.items).toHaveCount(MANY);
      for (const id of ["task-add-input", "task-filter-all", "task-edit", "account"])
        await expect(page.getByTestId(id).first()).toBeHidden();
      const { height = 0 } = (await page.getByRole("main").boundingBox()) ?? {};
      const last = await tasks.task(`Task ${MANY}`).boundingBox();
      expect(last?.y).toBeLessThan(height);
      const ink = await tasks.titles.first().evaluate((title) => getComputedStyle(title).color);
      expect(ink).toBe("rgb(31, 29, 25)");
      await page.emulateMedia({ media: "screen" });
      await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      await expect.poll(() => tasks.items.count()).toBeLessThan(MANY);
    });
  });

  test("has room for a finger wherever there is something to press", async ({
    browserName,
    openSignedIn,
    conversation,
  }) => {
    test.skip(browserName !== "chromium", "only Chromium can be a phone's browser");
    const window = await openSignedIn({
      viewport: { width: 320, height: 640 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = window;
    const tasks = new TaskPanel(page);
    await page.goto(conversation.path);
    await expect(new ChatPage(page).answers.nth(3)).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
    await page.goto("/tasks");
    await expect(tasks.task("buy milk")).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
    await tasks.task("buy milk").getByTestId("task-edit").click();
    await expect(page.getByTestId("task-editor")).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
    await page.getByTestId("open-menu").click();
    await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
  });

  /** The chat and the tasks as they are in a window: nothing cut off, no barriers, and a picture of each. */
  async function lookAt(window: Window, path: string, name: string): Promise<void> {
    const { page } = window;
    await page.goto(path);
    await expect(new ChatPage(page).answers.nth(3)).toBeVisible();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot(`chat-${name}`);
    await page.goto("/tasks");
    await expect(new TaskPanel(page).task("buy milk")).toBeVisible();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot(`tasks-${name}`);
  }

  test("can be used at a zoom of 200 %", async ({ openSignedIn, conversation }) => {
    // What a window of 1280 × 800 has room for then.
    const window = await openSignedIn({
      viewport: { width: 640, height: 400 },
      deviceScaleFactor: 2,
    });
    await lookAt(window, conversation.path, "zoomed");
    const { page } = window;
    await page.getByTestId("task-add-input").click();
    await page.goto(conversation.path);
    await new ChatPage(page).input.click();
    // Something of the conversation is left to see beside what one writes in.
    const log = await page.getByRole("log").boundingBox();
    expect(log?.height).toBeGreaterThan(120);
  });

  test("says what is chosen and done without colours of its own", async ({
    openSignedIn,
    conversation,
  }) => {
    const window = await openSignedIn({ forcedColors: "active" });
    await lookAt(window, conversation.path, "forced-colors");
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
  });

  test("sets every text in its own direction", async ({ window, page, chat, tasks, auth }) => {
    await auth.join(newPerson("עדה"));
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
  });

  test("a chosen theme wins over the system's, from the first paint", async ({ openSignedIn }) => {
    const { page } = await openSignedIn({ colorScheme: "light" });
    await page.goto("/chat");
    const theme = page.getByTestId("theme");
    await theme.click();
    await theme.click();
    await page.reload({ waitUntil: "commit" });
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
  });

  test("moves for those who like it, without barriers or shifts, and for nobody else", async ({
    openSignedIn,
    conversation,
  }) => {
    const { page: still } = await openSignedIn({ reducedMotion: "reduce" });
    await still.goto("/chat");
    await expect(new ChatPage(still).suggestions.first()).toBeVisible();
    expect(await longestMotion(still)).toBeLessThanOrEqual(0.001);

    const { page } = await openSignedIn({ reducedMotion: "no-preference" });
    await keepVitals(page);
    for (const path of ["/chat", "/tasks", conversation.path]) {
      const { shift } = await measureLoad(page, path);
      await comeToRest(page);
      expect(await findBarriers(page)).toEqual([]);
      expect(shift).toBeLessThanOrEqual(WORST_SHIFT);
    }
    await page.goto("/chat");
    await expect(new ChatPage(page).suggestions.first()).toBeVisible();
    // Else the first check would have found nothing because there is nothing.
    expect(await longestMotion(page)).toBeGreaterThan(0.1);
  });
});
