import type { Page } from "@playwright/test";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const BACKEND = "**/api/backend/**";
const RECOVERY_MS = 60_000;

async function cutOff(page: Page): Promise<void> {
  await page.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
}

/** The keys under which the browser keeps what isn't sent. */
function keptChanges(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Object.keys(globalThis.localStorage).filter((key) => key.startsWith("outbox/")),
  );
}

test.describe("what one does while the back end is away", () => {
  const person = newPerson();

  test.beforeEach(async ({ chat, auth }) => {
    await auth.join(newPerson());
    await expect(chat.input).toBeVisible();
  });

  test("outlives a reload, and goes out in order and once", async ({
    page,
    window,
    chat,
    tasks,
  }) => {
    await chat.ask("add buy milk");
    await tasks.expectTitles("buy milk");
    await cutOff(page);
    await chat.send("add buy bread");
    await expect(chat.queued).toBeVisible();
    await tasks.toggle("buy milk");
    await expect(tasks.task("buy milk").getByTestId("task-unsaved")).toBeVisible();
    await page.getByTestId("task-add-input").fill("Call Sam");
    await page.getByTestId("task-add-input").press("Enter");
    await expect(tasks.task("Call Sam").getByTestId("task-unsaved")).toBeVisible();
    await page.reload();
    await expect(chat.queued).toBeVisible();
    await expect(tasks.task("Call Sam").getByTestId("task-unsaved")).toBeVisible();
    await window.screenshot("kept-after-reload");

    await page.unroute(BACKEND);
    await expect(tasks.task("buy bread")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(tasks.task("buy milk").getByRole("checkbox", { checked: true })).toBeVisible();
    await expect(tasks.unsaved).toHaveCount(0);
    await expect(chat.queued).toHaveCount(0);
    const answer = await page.request.get("/api/backend/api/tasks?sort=created_at");
    const { items } = (await answer.json()) as { items: { title: string; completed: boolean }[] };
    expect(items.map(({ title }) => title).sort()).toEqual(["Call Sam", "buy bread", "buy milk"]);
    expect(items.filter(({ completed }) => completed).map(({ title }) => title)).toEqual([
      "buy milk",
    ]);
    await expect(chat.userMessages).toHaveCount(2);
  });

  test("outlives a back end that comes back with errors, and can be taken back at once", async ({
    page,
    chat,
    tasks,
  }) => {
    await chat.ask("add buy milk");
    await tasks.expectTitles("buy milk");
    await cutOff(page);
    await tasks.delete("buy milk");
    await tasks.expectTitles();
    await expect(page.getByTestId("banner-backend-away")).toBeVisible();
    await tasks.undo();
    await tasks.expectTitles("buy milk");
    await tasks.rename("buy milk", "buy oat milk");
    await expect(tasks.task("buy oat milk").getByTestId("task-unsaved")).toBeVisible();

    let refused = 0;
    await page.route("**/api/backend/api/tasks/*", async (route) => {
      if (route.request().method() !== "PATCH") return route.continue();
      refused += 1;
      return route.fulfill({ status: 500, json: { detail: "Out of order." } });
    });
    await page.unroute(BACKEND);
    await page.waitForRequest((request) => request.method() === "PATCH", { timeout: RECOVERY_MS });
    await expect(page.getByTestId("banner-backend-away")).toHaveCount(0);
    await expect(tasks.task("buy oat milk").getByTestId("task-unsaved")).toBeVisible();
    await page.unroute("**/api/backend/api/tasks/*");
    await expect(tasks.unsaved).toHaveCount(0, { timeout: RECOVERY_MS });
    expect(refused).toBeGreaterThan(0);
    await page.reload();
    await tasks.expectTitles("buy oat milk");
  });

  test("is asked about before one signs out, and is still there when one is back", async ({
    page,
    context,
    window,
    chat,
    tasks,
    auth,
  }) => {
    await page.goto("about:blank");
    await context.clearCookies();
    await auth.join(person);
    await expect(chat.input).toBeVisible();
    await cutOff(page);
    await chat.send("add precious words");
    await expect(chat.queued).toBeVisible();
    await page.getByTestId("sign-out").click();
    await expect(page.getByTestId("sign-out-dialog")).toBeVisible();
    await window.screenshot("sign-out-asks");
    await page.getByTestId("sign-out-keep").click();
    await page.waitForURL("**/sign-in**");

    await page.unroute(BACKEND);
    await auth.signIn(person);
    await expect(tasks.task("precious words")).toBeVisible({ timeout: RECOVERY_MS });
  });

  test("stays in sight when its conversation was deleted elsewhere, and begins a new one", async ({
    page,
    context,
    chat,
    tasks,
  }) => {
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const second = await context.newPage();
    await second.goto(page.url());
    await cutOff(page);
    await chat.send("add buy bread");
    await expect(chat.queued).toBeVisible();
    await new ChatPage(second).deleteThread("add buy milk");
    await expect(new ChatPage(second).threads).toHaveCount(0);
    await page.unroute(BACKEND);
    await expect(page.getByTestId("message-unsent")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(chat.userMessages).toHaveText([/add buy bread/], { useInnerText: true });
    await page.getByTestId("chat-retry").click();
    await tasks.expectTitles("buy milk", "buy bread");
    await page.waitForURL("**/chat/*");
  });

  test("in another tab is asked about too, and discarded with the rest", async ({
    page,
    context,
  }) => {
    const other = await context.newPage();
    await other.goto("/tasks");
    await expect(new TaskPanel(other).empty).toBeVisible();
    await cutOff(other);
    await other.getByTestId("task-add-input").fill("From the other tab");
    await other.getByTestId("task-add-input").press("Enter");
    await expect(new TaskPanel(other).unsaved.first()).toBeVisible();
    await page.getByTestId("sign-out").click();
    await expect(page.getByTestId("sign-out-dialog").getByText("1 change")).toBeVisible();
    await page.getByTestId("sign-out-discard").click();
    await page.waitForURL("**/sign-in**");
    await other.waitForURL("**/sign-in**");
    expect(await keptChanges(page)).toEqual([]);
  });

  test("is warned of on the account page, and goes with the account", async ({
    page,
    context,
    window,
    chat,
    tasks,
    auth,
  }) => {
    const someone = newPerson();
    await page.goto("about:blank");
    await context.clearCookies();
    await auth.join(someone);
    await expect(chat.input).toBeVisible();
    await page.goto("/account");
    expect(await page.locator("[data-unsent]:visible").count()).toBe(0);
    await page.goto("/tasks");
    await expect(tasks.empty).toBeVisible();
    await cutOff(page);
    await page.getByTestId("task-add-input").fill("Too late");
    await page.getByTestId("task-add-input").press("Enter");
    await expect(tasks.unsaved.first()).toBeVisible();
    await page.goto("/account");
    await expect(page.locator("[data-unsent]:visible")).toHaveCount(2);
    await window.screenshot("account-warns");
    expect(await keptChanges(page)).toHaveLength(1);
    await page.getByTestId("delete-password").fill(someone.password);
    await page.getByTestId("delete-account").click();
    await page.waitForURL("**/sign-in**");
    expect(await keptChanges(page)).toEqual([]);
  });

  test("can be reached without the network: the tasks, and the way back", async ({
    page,
    context,
    chat,
    tasks,
  }) => {
    await chat.ask("add buy milk");
    await context.setOffline(true);
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await expect(tasks.task("buy milk")).toBeVisible();
    await page.goBack();
    await expect(chat.answers.first()).toBeVisible();
    await context.setOffline(false);
  });
});

test.describe("what is half written", () => {
  test("of a changed message is still there after a reload and on the way back, and asked about", async ({
    page,
    chat,
    auth,
  }) => {
    await auth.join(newPerson());
    await chat.ask("add buy milk");
    const input = page.getByTestId("message-edit-input");
    await chat.userMessages.first().hover();
    await page.getByTestId("message-edit").click();
    await input.fill("add buy oat milk");
    await page.reload();
    await expect(input).toHaveValue("add buy oat milk");
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.goBack();
    await expect(input).toHaveValue("add buy oat milk");
    await input.press("Escape");
    const question = page.getByRole("dialog", { name: "Discard your changes?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(input).toHaveValue("add buy oat milk");
    await input.press("Escape");
    await page.getByTestId("confirm").click();
    await expect(input).toBeHidden();
    await expect(chat.userMessages.first()).toContainText("add buy milk");
    await page.reload();
    await expect(chat.answers.first()).toBeVisible();
    await expect(input).toBeHidden();
  });

  test("is still there after a reload, on another page, and when its task is deleted elsewhere", async ({
    page,
    chat,
    tasks,
    auth,
  }) => {
    await auth.join(newPerson());
    await chat.ask("add buy milk");
    const title = page.getByTestId("task-edit-title");
    const line = page.getByTestId("task-add-input");
    const expectKept = async (): Promise<void> => {
      await expect(title).toBeVisible();
      await expect(title).toHaveValue("buy oat milk");
      await expect(page.getByLabel("Notes")).toHaveValue("two of them");
      await expect(line).toHaveValue("call Sam");
    };
    await line.fill("call Sam");
    await tasks.task("buy milk").hover();
    await tasks.task("buy milk").getByTestId("task-edit").click();
    await title.fill("buy oat milk");
    await page.getByLabel("Notes").fill("two of them");

    await page.reload();
    await expectKept();
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await expectKept();

    const answer = await page.request.get("/api/backend/api/tasks");
    const { items } = (await answer.json()) as { items: { id: string }[] };
    const origin = new URL(page.url()).origin;
    const gone = await page.request.delete(`/api/backend/api/tasks/${items[0]?.id}`, {
      headers: { origin },
    });
    expect(gone.status()).toBe(204);
    await page.reload();
    await expect(page.getByTestId("task-edit-gone")).toBeVisible();
    await expectKept();
    await page.getByTestId("task-edit-save").click();
    await tasks.expectTitles("buy oat milk");
    await page.reload();
    await tasks.expectTitles("buy oat milk");
    expect(await title.count()).toBe(0);
    await expect(line).toHaveValue("call Sam");
  });
});
