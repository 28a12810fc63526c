import type { Page } from "@playwright/test";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { expect, test } from "./support/test";

const BACKEND = "**/api/backend/**";
const RECOVERY_MS = 60_000;

/** Takes the back end away, as far as this page can tell. */
async function cutOff(page: Page): Promise<void> {
  await page.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
}

test.describe("two tabs of one browser", () => {
  let second: Page;

  test.beforeEach(async ({ context, chat, auth }) => {
    await auth.join(newPerson("Xavier"));
    await expect(chat.input).toBeVisible();
    second = await context.newPage();
  });

  test("show the same tasks and conversations without a reload", async ({ chat, tasks }) => {
    await second.goto("/chat");
    await expect(new TaskPanel(second).empty).toBeVisible();
    await chat.ask("add buy milk");
    await new TaskPanel(second).expectTitles("buy milk");
    await expect(new ChatPage(second).thread("add buy milk")).toBeVisible();

    // The conversation grows in both, whichever one writes in.
    await new ChatPage(second).openThread("add buy milk");
    await new ChatPage(second).ask("add buy bread");
    await expect(chat.userMessages.filter({ hasText: "add buy bread" })).toBeVisible();
    await tasks.expectTitles("buy milk", "buy bread");
  });

  test("show the tasks in the same order, in which the assistant counts", async ({ tasks }) => {
    await second.goto("/tasks");
    await expect(second.getByTestId("task-order")).toBeVisible();
    await tasks.order("title");
    await expect(
      second.locator("[data-testid=task-order]:has(option[value=title]:checked)"),
    ).toBeVisible();
  });

  test("send what waits once, also where one is a copy of the other, and lose none of it", async ({
    page,
    context,
    tasks,
  }) => {
    const sent: string[] = [];
    context.on("request", (request) => {
      const key = request.headers()["idempotency-key"];
      if (key && request.url().endsWith("/api/backend/api/tasks")) sent.push(key);
    });
    const enter = async (tab: Page, title: string): Promise<void> => {
      await tab.getByTestId("task-add-input").fill(title);
      await tab.getByTestId("task-add-input").press("Enter");
      await expect(new TaskPanel(tab).task(title).getByTestId("task-unsaved")).toBeVisible();
    };
    await context.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
    await enter(page, "From the first");
    // As duplicating does, a window that a page opens begins with a copy of what the tab has kept.
    const opened = context.waitForEvent("page");
    await page.evaluate(() => void globalThis.open("/tasks"));
    const copy = await opened;
    await copy.waitForLoadState();
    await expect(copy.getByTestId("task-add-input")).toBeVisible();
    await enter(copy, "From the copy");
    await new TaskPanel(copy).expectTitles("From the copy");

    sent.length = 0;
    await context.unroute(BACKEND);
    await expect(tasks.task("From the copy")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(tasks.unsaved).toHaveCount(0, { timeout: RECOVERY_MS });
    await expect(new TaskPanel(copy).task("From the first")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(tasks.titles).toHaveCount(2);
    expect(new Set(sent).size).toBe(2);
    expect(sent).toHaveLength(2);

    // What a closed tab had goes on in one that is open, as soon as one looks at that.
    await context.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
    await enter(copy, "Left behind");
    await copy.close();
    await context.unroute(BACKEND);
    await page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
    await expect(tasks.task("Left behind")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(tasks.unsaved).toHaveCount(0, { timeout: RECOVERY_MS });
  });

  test("never write one person's changes into another's account", async ({ page, tasks }) => {
    const yvonne = newPerson("Yvonne");
    await cutOff(page);
    await page.getByTestId("task-add-input").fill("Xavier's secret");
    await page.getByTestId("task-add-input").press("Enter");
    await expect(tasks.unsaved.first()).toBeVisible();

    // Somebody else signs in, and no tab says so.
    const signedUp = await second.request.post("/api/auth/sign-up/email", {
      data: yvonne,
      headers: { origin: settings.baseUrl },
    });
    expect(signedUp.status()).toBe(200);
    await page.unroute(BACKEND);
    await expect(page.getByText("Yvonne").first()).toBeVisible({ timeout: RECOVERY_MS });
    await expect(tasks.empty).toBeVisible();
    const answer = await second.request.get("/api/backend/api/tasks");
    expect(await answer.json()).toMatchObject({ items: [] });
    expect(await page.getByText("Xavier's secret").count()).toBe(0);
  });

  test("sign out together", async ({ page }) => {
    await second.goto("/tasks");
    await expect(new TaskPanel(second).empty).toBeVisible();
    await page.getByTestId("sign-out").click();
    await page.waitForURL("**/sign-in**");
    await second.waitForURL("**/sign-in**");
  });
});
