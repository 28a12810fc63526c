import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import { newPerson } from "./support/people";

describe("the address", () => {
  const open = useWindows();
  let window: Window;
  let chat: ChatPage;

  beforeEach(async () => {
    window = await open();
    chat = new ChatPage(window.page);
    await new AuthPage(window.page).join(newPerson());
    await chat.input.waitFor();
  });

  test("leads Back from a deleted conversation to where one was before", async () => {
    const { page } = window;
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.getByTestId("new-thread").click();
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    await chat.deleteThread("add buy milk");
    await page.waitForURL(/\/chat$/);
    await page.goBack();
    await page.waitForURL("**/tasks");
    await new TaskPanel(page).task("buy milk").waitFor();
  });

  test("of a conversation that is gone isn't a trap", async () => {
    const { page } = window;
    await page.goto("/tasks");
    await page.goto("/chat/thr_0000000000000000");
    await page.getByText("doesn't exist any more").waitFor();
    await page.waitForURL(/\/chat$/);
    await page.goBack();
    await page.waitForURL("**/tasks");
  });

  test("is that of the first message's conversation without a step more to go back", async () => {
    const { page } = window;
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.getByTestId("new-thread").click();
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    await page.goBack();
    await page.waitForURL("**/tasks");
  });

  test("of a conversation comes with its messages and the tasks in the page, and no welcome", async () => {
    const { page } = window;
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const html = await (await page.request.get(page.url())).text();
    expect(html).toContain("add buy milk");
    expect(html).toMatch(/data-testid="task-title"[^>]*>buy milk</);
    expect(html).not.toContain("What would you like to get done?");
    expect(await page.title()).toBe("add buy milk · Todo AI Chatbot");
  });

  test("has a selection of the tasks in which the assistant counts", async () => {
    const { page } = window;
    const tasks = new TaskPanel(page);
    for (const title of ["Buy milk", "Call Sam", "Call Kim"]) await tasks.add(title);
    await page.getByTestId("task-search").fill("call");
    await tasks.expectTitles("Call Sam", "Call Kim");
    expect(await chat.ask("delete the first one")).toMatch(/Sam/);
    await tasks.expectTitles("Call Kim");
    await page.getByTestId("task-search").fill("");
    await tasks.expectTitles("Buy milk", "Call Kim");
  });

  test("has the panel in the order in which the assistant counts", async () => {
    const { page } = window;
    const tasks = new TaskPanel(page);
    for (const title of ["Oldest", "Middle", "Newest"]) await tasks.add(title);
    await tasks.expectTitles("Oldest", "Middle", "Newest");
    expect(await chat.ask("delete the first one")).toMatch(/Oldest/);
    await tasks.expectTitles("Middle", "Newest");

    await chat.ask("add Urgent due today");
    await page.getByTestId("task-order").selectOption("due");
    await tasks.expectTitles("Urgent", "Middle", "Newest");
    expect(await chat.ask("delete the first one")).toMatch(/Urgent/);
    await tasks.expectTitles("Middle", "Newest");
  });
});
