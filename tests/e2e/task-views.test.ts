/// <reference lib="dom" />
import type { Page } from "@playwright/test";
import { TaskPanel } from "./pages/task-panel";
import { findBarriers } from "./support/accessibility";
import { hasFocus } from "./support/keyboard";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const SAVED_LIMIT_MS = 15_000;
const SCRIPTS_LIMIT_MS = 20_000;

interface NewTask {
  title: string;
  due_date?: string;
  priority?: "low" | "medium" | "high";
  completed?: boolean;
}

/** A day of the browser's calendar, so many days from now. */
function day(page: Page, days: number): Promise<string> {
  return page.evaluate((offset) => {
    const date = new Date();
    date.setDate(date.getDate() + offset);
    const part = (value: number): string => String(value).padStart(2, "0");
    return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
  }, days);
}

/** Adds tasks, one after the other, past the page. */
async function addTasks(page: Page, ...tasks: NewTask[]): Promise<void> {
  for (const { completed, ...data } of tasks) {
    const added = await page.request.post("/api/backend/api/tasks", { data });
    expect(added.status()).toBe(201);
    if (!completed) continue;
    const { id } = (await added.json()) as { id: string };
    await page.request.patch(`/api/backend/api/tasks/${id}`, { data: { completed } });
  }
}

test.describe("the task list", () => {
  test.beforeEach(async ({ auth }) => {
    await auth.register(newPerson());
  });

  test("has what is overdue, for today and later under headings, in the order that one likes", async ({
    page,
    window,
    tasks,
  }) => {
    await addTasks(
      page,
      { title: "No hurry" },
      { title: "Later", due_date: await day(page, 9) },
      { title: "Soon", due_date: await day(page, 1), priority: "high" },
      { title: "Late", due_date: await day(page, -2) },
      { title: "Now, if possible", due_date: await day(page, 0), priority: "low" },
      { title: "Now", due_date: await day(page, 0), priority: "high" },
      { title: "Finished", completed: true },
    );
    await tasks.open();
    await expect(tasks.task("No hurry")).toBeVisible();
    await tasks.order("due");
    await tasks.expectTitles(
      ...["Late", "Now", "Now, if possible", "Soon", "Later", "No hurry", "Finished"],
    );
    await expect(page.getByTestId("task-panel").getByRole("heading", { level: 2 })).toHaveText(
      [/^Overdue\s*1$/, /^Today\s*2$/, /^Upcoming\s*2$/, /^No date\s*1$/, /^Done\s*1$/],
      { useInnerText: true },
    );
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot("tasks-by-due-date");

    await page.reload();
    await tasks.expectTitles(
      ...["Late", "Now", "Now, if possible", "Soon", "Later", "No hurry", "Finished"],
    );
    await tasks.order("priority");
    await tasks.expectTitles(
      ...["Now", "Soon", "Late", "Later", "No hurry", "Now, if possible", "Finished"],
    );
    await tasks.order("title");
    await tasks.expectTitles(
      ...["Late", "Later", "No hurry", "Now", "Now, if possible", "Soon", "Finished"],
    );
  });

  test("stands as one puts it, in every tab, and the first one is the assistant's first one too", async ({
    page,
    context,
    chat,
    tasks,
  }) => {
    await addTasks(page, { title: "Milk" }, { title: "Bread" }, { title: "Eggs" });
    await tasks.open();
    await tasks.expectTitles("Milk", "Bread", "Eggs");
    const second = await context.newPage();
    const other = new TaskPanel(second);
    await other.open();
    await other.expectTitles("Milk", "Bread", "Eggs");

    await page.bringToFront();
    await tasks.drag("Eggs", "Milk");
    await tasks.expectTitles("Eggs", "Milk", "Bread");
    await other.expectTitles("Eggs", "Milk", "Bread");

    await tasks.task("Milk").getByTestId("task-toggle").focus();
    await page.keyboard.press("Alt+ArrowDown");
    await tasks.expectTitles("Eggs", "Bread", "Milk");
    await expect(page.getByTestId("task-moved")).toHaveText("“Milk” is 3 of 3.", {
      useInnerText: true,
    });
    expect(await hasFocus(tasks.task("Milk").getByTestId("task-toggle"))).toBe(true);
    expect(await findBarriers(page)).toEqual([]);
    await other.expectTitles("Eggs", "Bread", "Milk");

    // The other tab goes on with it, a new task stands at the end, and a reload changes nothing.
    await second.bringToFront();
    await other.add("Salt");
    await other.expectTitles("Eggs", "Bread", "Milk", "Salt");
    await second.reload();
    await other.expectTitles("Eggs", "Bread", "Milk", "Salt");

    await page.bringToFront();
    await page.goto("/chat");
    await chat.ask("delete the first one");
    await tasks.expectTitles("Bread", "Milk", "Salt");
  });

  test("is put into another order by a mouse that is faster than the line", async ({
    page,
    tasks,
  }) => {
    await addTasks(page, { title: "Milk" }, { title: "Bread" }, { title: "Eggs" });
    await tasks.open();
    await tasks.expectTitles("Milk", "Bread", "Eggs");
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let late = 0;
    await page.route("**/_next/static/**/*.js", async (route) => {
      late += 1;
      await held;
      await route.continue();
    });
    await tasks.drag("Eggs", "Milk");
    letGo();
    await tasks.expectTitles("Eggs", "Milk", "Bread");
    expect(late).toBeGreaterThan(0);
    await page.unroute("**/_next/static/**/*.js");
  });

  test("is put into another order by a finger that stays on a task", async ({
    browserName,
    page,
    context,
    open,
  }) => {
    test.skip(browserName !== "chromium", "only Chromium can be a phone's browser");
    const phone = await open({
      ...{ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
      storageState: await context.storageState(),
    });
    await addTasks(page, { title: "Milk" }, { title: "Bread" }, { title: "Eggs" });
    const held = new TaskPanel(phone.page);
    await held.open();
    await held.expectTitles("Milk", "Bread", "Eggs");
    await held.holdAndDrag("Milk", "Eggs");
    await held.expectTitles("Bread", "Eggs", "Milk");
    await phone.screenshot("tasks-moved-phone");

    // Without dragging, the editor does it.
    await held.task("Milk").getByTestId("task-edit").tap();
    await phone.page.getByTestId("task-move-top").tap();
    await phone.page.getByRole("button", { name: "Cancel" }).tap();
    await held.expectTitles("Milk", "Bread", "Eggs");
    expect(await findBarriers(phone.page)).toEqual([]);
  });

  test("has what is overdue, for today and later apart, as the address says", async ({
    page,
    window,
    tasks,
  }) => {
    await addTasks(
      page,
      { title: "No hurry" },
      { title: "Later", due_date: await day(page, 9) },
      { title: "Late", due_date: await day(page, -2) },
      { title: "Now", due_date: await day(page, 0) },
    );
    await page.goto("/tasks?show=today");
    await tasks.expectTitles("Now");
    await expect(page.getByTestId("task-filter-upcoming")).toHaveText(/^Upcoming\s*1$/, {
      useInnerText: true,
    });
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot("tasks-today");
    await tasks.filter("overdue");
    await tasks.expectTitles("Late");
    await page.reload();
    await tasks.expectTitles("Late");
    // Beside a chat it is the same list.
    await page.getByTestId("new-thread").click();
    await page.waitForURL("**/chat?show=overdue");
    await tasks.expectTitles("Late");
    await page.goBack();
    await page.waitForURL("**/tasks?show=overdue");
    await tasks.filter("all");
    await tasks.expectTitles("No hurry", "Later", "Late", "Now");
    expect(new URL(page.url()).search).toBe("");
  });

  test("reads day and priority out of a line, says so, and leaves the line alone where that is wanted", async ({
    page,
    window,
    tasks,
  }) => {
    await tasks.open();
    const input = page.getByTestId("task-add-input");
    const hint = page.getByTestId("task-add-hint");
    await input.fill("call Sam tomorrow p1");
    await expect(hint.getByText("Tomorrow")).toBeVisible();
    await expect(hint).toHaveText(/call Sam\s+Tomorrow\s+High priority/, { useInnerText: true });
    await expect(page.getByTestId("task-add-marks").locator("mark")).toHaveText(
      ["tomorrow", "p1"],
      { useInnerText: true },
    );
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot("quick-add");
    await input.press("Enter");
    await tasks.expectTitles("call Sam");
    await expect(tasks.task("call Sam").getByText("Tomorrow")).toBeVisible();
    await expect(tasks.task("call Sam").getByText("High priority")).toBeVisible();

    await input.fill("read Tomorrow");
    await page.getByTestId("task-add-literal").click();
    await input.press("Enter");
    await tasks.expectTitles("call Sam", "read Tomorrow");
  });

  test("gives a task a day by one click, and takes it away by another", async ({ page, tasks }) => {
    await addTasks(page, { title: "Call Sam" });
    await tasks.open();
    const choose = async (name: string): Promise<void> => {
      await tasks.task("Call Sam").hover();
      await tasks.task("Call Sam").getByTestId("task-edit").click();
      const shortcut = page.getByTestId("due-shortcut").filter({ hasText: name });
      await shortcut.click();
      await expect(shortcut).toHaveAttribute("aria-pressed", "true");
      expect(await findBarriers(page)).toEqual([]);
      await page.getByTestId("task-edit-save").click();
    };
    const expectDue = async (expected: string | null): Promise<void> => {
      const days = async (): Promise<(string | null)[]> => {
        const answer = await page.request.get("/api/backend/api/tasks");
        const { items } = (await answer.json()) as { items: { due_date: string | null }[] };
        return items.map(({ due_date }) => due_date);
      };
      await expect.poll(days, { timeout: SAVED_LIMIT_MS }).toEqual([expected]);
    };
    await choose("Tomorrow");
    await expect(tasks.task("Call Sam").getByText("Tomorrow")).toBeVisible();
    await choose("Next Monday");
    const weekday = await page.evaluate(() => new Date().getDay());
    await expectDue(await day(page, ((7 - weekday) % 7) + 1));
    await choose("No date");
    await expectDue(null);
    await expect(tasks.task("Call Sam").getByText("Due")).toHaveCount(0);
  });

  test("folds away what is done, but for the last few, until it is asked for", async ({
    page,
    tasks,
  }) => {
    const done = Array.from({ length: 9 }, (_, index) => `Done ${index + 1}`);
    await addTasks(
      page,
      { title: "Open" },
      ...done.map((title) => ({ title, completed: true as const })),
    );
    await tasks.open();
    await tasks.expectTitles("Open", "Done 9", "Done 8", "Done 7", "Done 6", "Done 5");
    const more = page.getByTestId("task-show-done");
    await expect(more).toHaveText("4 more done", { useInnerText: true });
    await more.click();
    await tasks.expectTitles("Open", ...done.toReversed());
  });

  test("takes what one chooses and types before its scripts are there", async ({ page, tasks }) => {
    await addTasks(page, { title: "b" }, { title: "c" }, { title: "a" }, { title: "ab" });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/_next/static/**/*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/tasks", { waitUntil: "commit" });
    await page.getByTestId("task-order").selectOption("title");
    await page.getByTestId("task-search").fill("a");
    release();
    await tasks.expectTitles("a", "ab");
    await expect(page.getByTestId("task-order")).toHaveValue("title");
    await expect(page.getByTestId("task-search")).toHaveValue("a");
    await page.reload();
    await tasks.expectTitles("a", "ab", "b", "c");
  });

  test("obeys single keys, which a sheet lists", async ({ page, window, tasks }) => {
    await addTasks(page, { title: "First" }, { title: "Second" });
    await tasks.open();
    await expect(tasks.task("Second")).toBeVisible();
    const { keyboard } = page;
    const sheet = page.getByTestId("shortcut-sheet");
    // The list is there before the page's scripts are.
    await expect(async () => {
      await keyboard.press("?");
      await expect(sheet).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: SCRIPTS_LIMIT_MS });
    expect(await findBarriers(page)).toEqual([]);
    await window.screenshot("shortcuts");
    await keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);

    await keyboard.press("n");
    expect(await hasFocus(page.getByTestId("task-add-input"))).toBe(true);
    // In a field they are letters.
    await keyboard.type("n?/");
    await expect(page.getByTestId("task-add-input")).toHaveValue("n?/");
    await page.getByTestId("task-add-input").fill("");
    await page.getByTestId("task-add-input").blur();

    await keyboard.press("j");
    await keyboard.press("j");
    expect(await hasFocus(tasks.task("Second").getByTestId("task-toggle"))).toBe(true);
    await keyboard.press("Delete");
    await tasks.expectTitles("First");
    await keyboard.press("Control+z");
    await tasks.expectTitles("First", "Second");
    await keyboard.press("/");
    expect(await hasFocus(page.getByTestId("task-search"))).toBe(true);
    await page.getByTestId("task-search").blur();
    await keyboard.press("g");
    await keyboard.press("c");
    await page.waitForURL("**/chat");
    await expect(page.getByTestId("chat-input")).toBeVisible();
    await expect(page.getByTestId("chat-input")).toBeFocused();

    // Whom they disturb turns them off, and the sheet still has its button.
    await page.getByTestId("shortcuts").click();
    await page.getByTestId("single-keys").uncheck();
    await keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    expect(await hasFocus(page.getByTestId("shortcuts"))).toBe(true);
    await keyboard.press("n");
    expect(await hasFocus(page.getByTestId("task-add-input"))).toBe(false);
    await page.getByTestId("shortcuts").click();
    await page.getByTestId("single-keys").check();
    await keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    await keyboard.press("n");
    expect(await hasFocus(page.getByTestId("task-add-input"))).toBe(true);
  });
});
