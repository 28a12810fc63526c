import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import { newPerson } from "./support/people";

describe("a person's way through the app", () => {
  const open = useWindows();
  let window: Window;

  beforeEach(async () => {
    window = await open();
  });

  test("signs up, adds a task by talking, finds it after a reload, and signs out", async () => {
    const { page } = window;
    const tasks = new TaskPanel(page);
    const chat = new ChatPage(page);
    await new AuthPage(page).signUp(newPerson());
    await tasks.empty.waitFor();
    await window.screenshot("chat-empty");

    expect(await chat.ask("add buy milk")).toMatch(/milk/i);
    await tasks.expectTitles("buy milk");
    await page.waitForURL(/\/chat\/[\w-]+$/);
    await window.screenshot("chat-answered");

    await page.reload();
    await tasks.expectTitles("buy milk");
    await chat.answers.first().waitFor();
    expect(await chat.userMessages.allInnerTexts()).toEqual([
      expect.stringContaining("add buy milk"),
    ]);

    await page.getByTestId("sign-out").click();
    await page.waitForURL("**/sign-in");
    await page.goto("/chat");
    await page.waitForURL("**/sign-in**");
  });

  test("lets the assistant list, complete and delete, with the list in step", async () => {
    const chat = new ChatPage(window.page);
    const tasks = new TaskPanel(window.page);
    await new AuthPage(window.page).signUp(newPerson());
    await chat.ask("add water the plants");
    await chat.ask("add pay the rent due tomorrow with high priority");
    await tasks.expectTitles("water the plants", "pay the rent");
    expect(await tasks.task("pay the rent").innerText()).toMatch(/tomorrow.*high priority/is);

    await chat.ask("mark water the plants as done");
    await tasks.task("water the plants").getByRole("checkbox", { checked: true }).waitFor();
    expect(await chat.ask("what is on my list?")).toMatch(/pay the rent/i);
    await window.screenshot("chat-conversation");
    await chat.ask("delete pay the rent");
    await tasks.expectTitles("water the plants");
  });

  test("keeps conversations: new, rename, reopen, delete", async () => {
    const chat = new ChatPage(window.page);
    await new AuthPage(window.page).signUp(newPerson());
    await chat.ask("add buy bread");
    await chat.thread("add buy bread").waitFor();
    await chat.newThread();
    await chat.ask("what is on my list?");
    await chat.thread("what is on my list?").waitFor();

    await chat.renameThread("add buy bread", "Shopping");
    await chat.openThread("Shopping");
    await chat.userMessages.filter({ hasText: "add buy bread" }).waitFor();
    await window.page.goBack();
    await chat.userMessages.filter({ hasText: "what is on my list?" }).waitFor();

    await window.page.reload();
    await chat.thread("Shopping").waitFor();
    await chat.deleteThread("Shopping");
    await chat.thread("Shopping").waitFor({ state: "detached" });
    await window.page.reload();
    await chat.thread("what is on my list?").waitFor();
    expect(await chat.threads.count()).toBe(1);
  });

  test("works on tasks by hand: add, edit, complete, filter, search, delete and undo", async () => {
    const tasks = new TaskPanel(window.page);
    await new AuthPage(window.page).signUp(newPerson());
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

    await window.page.reload();
    await tasks.expectTitles("Call Samira", "Buy stamps");
    await tasks.task("Buy stamps").getByRole("checkbox", { checked: true }).waitFor();
  });
});
