import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

test.describe("the address", () => {
  test.beforeEach(async ({ chat, auth }) => {
    await auth.join(newPerson());
    await expect(chat.input).toBeVisible();
  });

  test("leads Back from a deleted conversation to where one was before", async ({
    page,
    chat,
    tasks,
  }) => {
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.getByTestId("new-thread").click();
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    await chat.deleteThread("add buy milk");
    await page.waitForURL(/\/chat$/);
    await page.goBack();
    await page.waitForURL("**/tasks");
    await expect(tasks.task("buy milk")).toBeVisible();
  });

  test("of a conversation that is gone isn't a trap", async ({ page }) => {
    await page.goto("/tasks");
    await page.goto("/chat/thr_0000000000000000");
    await expect(page.getByText("doesn't exist any more")).toBeVisible();
    await page.waitForURL(/\/chat$/);
    await page.goBack();
    await page.waitForURL("**/tasks");
  });

  test("below a conversation is nobody's", async ({ page }) => {
    const response = await page.goto("/chat/thr_1/thr_2");
    expect(response?.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  });

  test("is that of the first message's conversation without a step more to go back", async ({
    page,
    chat,
  }) => {
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.getByTestId("new-thread").click();
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    await page.goBack();
    await page.waitForURL("**/tasks");
  });

  test("of a conversation comes with its messages and the tasks in the page, and no welcome", async ({
    page,
    chat,
  }) => {
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const html = await (await page.request.get(page.url())).text();
    expect(html).toContain("add buy milk");
    expect(html).toMatch(/data-testid="task-title"[^>]*>buy milk</);
    expect(html).not.toContain("What would you like to get done?");
    expect(await page.title()).toBe("add buy milk · Todo AI Chatbot");
  });

  test("has a selection of the tasks in which the assistant counts", async ({
    page,
    chat,
    tasks,
  }) => {
    for (const title of ["Buy milk", "Call Sam", "Call Kim"]) await tasks.add(title);
    await page.getByTestId("task-search").fill("call");
    await tasks.expectTitles("Call Sam", "Call Kim");
    expect(await chat.ask("delete the first one")).toMatch(/Sam/);
    await tasks.expectTitles("Call Kim");
    await page.getByTestId("task-search").fill("");
    await tasks.expectTitles("Buy milk", "Call Kim");
  });

  test("has the panel in the order in which the assistant counts", async ({ chat, tasks }) => {
    for (const title of ["Oldest", "Middle", "Newest"]) await tasks.add(title);
    await tasks.expectTitles("Oldest", "Middle", "Newest");
    expect(await chat.ask("delete the first one")).toMatch(/Oldest/);
    await tasks.expectTitles("Middle", "Newest");

    await chat.ask("add Urgent due today");
    await tasks.order("due");
    await tasks.expectTitles("Urgent", "Middle", "Newest");
    expect(await chat.ask("delete the first one")).toMatch(/Urgent/);
    await tasks.expectTitles("Middle", "Newest");
  });
});
