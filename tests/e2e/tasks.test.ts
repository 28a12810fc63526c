import type { Page, Route } from "@playwright/test";
import { findBarriers } from "./support/accessibility";
import { hasFocus, isFocusLost, tabTo } from "./support/keyboard";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const RECOVERY_MS = 30_000;
const SAVED_LIMIT_MS = 15_000;

interface Task {
  id: string;
  title: string;
  created_at: string;
  completed: boolean;
}

/** The tasks that the back end has. */
async function saved(page: Page): Promise<Task[]> {
  const response = await page.request.get("/api/backend/api/tasks?sort=created_at");
  return ((await response.json()) as { items: Task[] }).items;
}

async function expectSaved(page: Page, ...titles: string[]): Promise<void> {
  const there = async (): Promise<string[]> => (await saved(page)).map(({ title }) => title);
  await expect.poll(there, { timeout: SAVED_LIMIT_MS }).toEqual(titles);
}

test.describe("tasks", () => {
  test.beforeEach(async ({ tasks, auth }) => {
    await auth.register(newPerson());
    await tasks.open();
  });

  test("are deleted at once, however the page is left", async ({ page, tasks }) => {
    await tasks.add("Call Sam");
    await tasks.add("Buy stamps");
    await tasks.add("Pay rent");
    await tasks.delete("Buy stamps");
    await tasks.expectTitles("Call Sam", "Pay rent");
    await expectSaved(page, "Call Sam", "Pay rent");

    await tasks.delete("Pay rent");
    await tasks.expectTitles("Call Sam");
    await page.goto("about:blank");
    await expectSaved(page, "Call Sam");
  });

  test("come back as they were, from another page too", async ({ page, chat, tasks }) => {
    await tasks.add("Call Sam");
    await tasks.add("Buy stamps");
    const before = await saved(page);
    await tasks.delete("Call Sam");
    await page.getByTestId("new-thread").click();
    await expect(chat.input).toBeVisible();
    await tasks.expectTitles("Buy stamps");
    await tasks.undo();
    await tasks.expectTitles("Call Sam", "Buy stamps");
    await expectSaved(page, "Call Sam", "Buy stamps");
    expect((await saved(page)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test("deleted one after the other come back all at once, or each by itself, by the keyboard too", async ({
    page,
    window,
    tasks,
  }) => {
    const { keyboard } = page;
    for (const title of ["Call Sam", "Buy stamps", "Pay rent", "Water plants"])
      await tasks.add(title);
    for (const title of ["Call Sam", "Buy stamps", "Pay rent"]) await tasks.delete(title);
    await tasks.expectTitles("Water plants");
    const toast = page.getByTestId("toast");
    await expect(toast).toHaveText(/^3 tasks deleted\s+Undo all$/, { useInnerText: true });
    await window.screenshot("tasks-several-deleted");

    await keyboard.press("Alt+t");
    expect(await hasFocus(page.getByTestId("toast-action"))).toBe(true);
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await expect(page.getByTestId("toast-part").nth(2)).toBeVisible();
    await window.screenshot("tasks-several-deleted-unfolded");
    expect(await findBarriers(page)).toEqual([]);
    await tabTo(page, page.getByRole("button", { name: "Undo “Buy stamps”" }));
    await keyboard.press("Enter");
    await tasks.expectTitles("Buy stamps", "Water plants");
    expect(await hasFocus(page.getByTestId("toast-action"))).toBe(true);
    await keyboard.press("Enter");
    await tasks.expectTitles("Call Sam", "Buy stamps", "Pay rent", "Water plants");
    await expectSaved(page, "Call Sam", "Buy stamps", "Pay rent", "Water plants");
    expect(await isFocusLost(page)).toBe(false);
  });

  test("that can't be saved are kept until they can, and there is one of each", async ({
    page,
    window,
    tasks,
  }) => {
    await tasks.add("Call Sam");
    // The first ones arrive, and only their answers are lost.
    let lost = 2;
    const interrupt = async (route: Route): Promise<void> => {
      const method = route.request().method();
      if (method === "GET") return route.continue();
      if (method === "POST" && lost-- > 0) await route.fetch();
      return route.fulfill({ status: 503, json: { detail: "Away." } });
    };
    await page.route("**/api/backend/ready", (route) => route.abort());
    await page.route("**/api/backend/api/tasks**", interrupt);
    for (const title of ["Buy milk", "Buy bread", "Buy eggs"]) {
      await page.getByTestId("task-add-input").fill(title);
      await page.getByTestId("task-add-input").press("Enter");
      await expect(tasks.unsaved.first()).toBeVisible();
    }
    await expect(tasks.task("Buy eggs").getByTestId("task-unsaved")).toBeVisible();
    await expect(tasks.unsaved).toHaveCount(3);
    // Changes of what is saved wait as well, and so do ticks.
    await tasks.rename("Call Sam", "Call Samira, not Sam");
    await tasks.toggle("Call Samira, not Sam");
    await expect(tasks.task("Call Samira, not Sam").getByTestId("task-unsaved")).toBeVisible();
    await expect(
      tasks.task("Call Samira, not Sam").getByRole("checkbox", { checked: true }),
    ).toBeVisible();
    await window.screenshot("tasks-unsaved");
    expect(await findBarriers(page)).toEqual([]);

    // A reload loses none of it.
    await page.reload();
    await expect(tasks.task("Buy eggs").getByTestId("task-unsaved")).toBeVisible();

    await page.unroute("**/api/backend/api/tasks**");
    await page.unroute("**/api/backend/ready");
    await expect(tasks.unsaved).toHaveCount(0, { timeout: RECOVERY_MS });
    await expectSaved(page, "Call Samira, not Sam", "Buy milk", "Buy bread", "Buy eggs");
    expect((await saved(page))[0]).toMatchObject({ completed: true });
  });
});
