import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

test.describe("a person's way through the app", () => {
  test("signs up, adds a task by talking, finds it after a reload, and signs out", async ({
    page,
    window,
    chat,
    tasks,
    auth,
  }) => {
    await auth.signUp(newPerson());
    await expect(tasks.empty).toBeVisible();
    await window.screenshot("chat-empty");

    expect(await chat.ask("add buy milk")).toMatch(/milk/i);
    await tasks.expectTitles("buy milk");
    await page.waitForURL(/\/chat\/[\w-]+$/);
    await window.screenshot("chat-answered");

    await page.reload();
    await tasks.expectTitles("buy milk");
    await expect(chat.answers.first()).toBeVisible();
    await expect(chat.userMessages).toHaveText([/add buy milk/], { useInnerText: true });

    await page.getByTestId("sign-out").click();
    await page.waitForURL("**/sign-in");
    await page.goto("/chat");
    await page.waitForURL("**/sign-in**");
  });

  test("lets the assistant list, complete and delete, with the list in step", async ({
    window,
    chat,
    tasks,
    auth,
  }) => {
    await auth.signUp(newPerson());
    await chat.ask("add water the plants");
    await chat.ask("add pay the rent due tomorrow with high priority");
    await tasks.expectTitles("water the plants", "pay the rent");
    await expect(tasks.task("pay the rent")).toHaveText(/tomorrow.*high priority/is, {
      useInnerText: true,
    });

    await chat.ask("mark water the plants as done");
    await expect(
      tasks.task("water the plants").getByRole("checkbox", { checked: true }),
    ).toBeVisible();
    expect(await chat.ask("what is on my list?")).toMatch(/pay the rent/i);
    await window.screenshot("chat-conversation");
    await chat.ask("delete pay the rent");
    await tasks.expectTitles("water the plants");
  });

  test("keeps conversations: new, rename, reopen, delete", async ({ page, chat, auth }) => {
    await auth.signUp(newPerson());
    await chat.ask("add buy bread");
    await expect(chat.thread("add buy bread")).toBeVisible();
    await chat.newThread();
    await chat.ask("what is on my list?");
    await expect(chat.thread("what is on my list?")).toBeVisible();

    await chat.renameThread("add buy bread", "Shopping");
    await chat.openThread("Shopping");
    await expect(chat.userMessages.filter({ hasText: "add buy bread" })).toBeVisible();
    await page.goBack();
    await expect(chat.userMessages.filter({ hasText: "what is on my list?" })).toBeVisible();

    await page.reload();
    await expect(chat.thread("Shopping")).toBeVisible();
    await chat.deleteThread("Shopping");
    await expect(chat.thread("Shopping")).toHaveCount(0);
    await page.reload();
    await expect(chat.thread("what is on my list?")).toBeVisible();
    await expect(chat.threads).toHaveCount(1);
  });

  test("works on tasks by hand: add, edit, complete, filter, search, delete and undo", async ({
    page,
    window,
    tasks,
    auth,
  }) => {
    await auth.signUp(newPerson());
    await tasks.open();
    await tasks.add("Call Sam");
    await tasks.add("Buy stamps");
    await tasks.rename("Call Sam", "Call Samira");
    await tasks.toggle("Buy stamps");
    await tasks.expectTitles("Call Samira", "Buy stamps");
    await window.screenshot("tasks");

    await tasks.filter("done");
    await tasks.expectTitles("Buy stamps");
    await tasks.filter("all");
    await tasks.search("sami");
    await tasks.expectTitles("Call Samira");
    await tasks.search("");

    await tasks.delete("Call Samira");
    await tasks.expectTitles("Buy stamps");
    await tasks.undo();
    await tasks.expectTitles("Call Samira", "Buy stamps");

    await page.reload();
    await tasks.expectTitles("Call Samira", "Buy stamps");
    await expect(tasks.task("Buy stamps").getByRole("checkbox", { checked: true })).toBeVisible();
  });
});
