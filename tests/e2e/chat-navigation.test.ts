import type { Page } from "@playwright/test";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const BACKEND = "**/api/backend/**";
/** The page asks less and less often whether the back end is back. */
const RECOVERY_MS = 60_000;

/** Takes the back end away, as far as this page can tell. */
async function cutOff(page: Page): Promise<void> {
  await page.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
}

test.describe("moving between the chat and the tasks", () => {
  test.use({ windowOptions: { viewport: { width: 390, height: 800 } } });

  test.beforeEach(async ({ auth, chat }) => {
    await auth.join(newPerson());
    await expect(chat.input).toBeVisible();
  });

  test("a first message that waits is still there, and goes out", async ({ page, chat }) => {
    const tabs = page.getByRole("navigation", { name: "Pages" });
    await cutOff(page);
    await chat.send("add buy milk");
    await expect(chat.queued).toBeVisible();

    await tabs.getByRole("link", { name: "Tasks" }).click();
    await page.waitForURL("**/tasks");
    await expect(page.getByTestId("task-add-input")).toBeVisible();
    await tabs.getByRole("link", { name: "Chat" }).click();
    await page.waitForURL("**/chat");
    await expect(chat.queued).toBeVisible();
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/chat#main");
    await expect(chat.queued).toBeVisible();
    await expect(chat.userMessages).toHaveText([/add buy milk/], { useInnerText: true });

    await page.unroute(BACKEND);
    await expect(chat.answers.first()).toBeVisible({ timeout: RECOVERY_MS });
    await page.waitForURL("**/chat/*");
  });

  test("Back leads to a conversation that got its address while one looked at the tasks", async ({
    page,
    chat,
    tasks,
  }) => {
    const tabs = page.getByRole("navigation", { name: "Pages" });
    let letThrough: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    await page.route("**/api/backend/chatkit", async (route) => {
      await held;
      await route.continue();
    });
    await chat.send("add buy milk");
    await tabs.getByRole("link", { name: "Tasks" }).click();
    await page.waitForURL("**/tasks");
    letThrough();
    await expect(tasks.task("buy milk")).toBeVisible();
    await page.goBack();
    await page.waitForURL("**/chat/*");
    await expect(chat.answers.first()).toBeVisible();
    await expect(chat.userMessages).toHaveCount(1);
  });

  test("Back and the tab lead to the conversation", async ({ page, chat, tasks }) => {
    const tabs = page.getByRole("navigation", { name: "Pages" });
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const place = page.url();
    const isThere = async (): Promise<void> => {
      await page.waitForURL(place);
      await expect(chat.answers.first()).toBeVisible();
      await expect(chat.userMessages).toHaveCount(1);
    };

    await tabs.getByRole("link", { name: "Tasks" }).click();
    await expect(tasks.task("buy milk")).toBeVisible();
    await tabs.getByRole("link", { name: "Chat" }).click();
    await isThere();

    await tabs.getByRole("link", { name: "Tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.goBack();
    await isThere();
    // Nothing has been put on top of it meanwhile.
    await page.waitForTimeout(1_000);
    expect(page.url()).toBe(place);
  });
});
