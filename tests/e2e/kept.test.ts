import type { Page } from "playwright-core";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import { newPerson } from "./support/people";

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

describe("what one does while the back end is away", () => {
  const open = useWindows();
  const person = newPerson();
  let window: Window;
  let chat: ChatPage;
  let tasks: TaskPanel;

  beforeEach(async () => {
    window = await open();
    chat = new ChatPage(window.page);
    tasks = new TaskPanel(window.page);
    await new AuthPage(window.page).join(newPerson());
    await chat.input.waitFor();
  });

  test("outlives a reload, and goes out in order and once", async () => {
    const { page } = window;
    await chat.ask("add buy milk");
    await tasks.expectTitles("buy milk");
    await cutOff(page);
    await chat.send("add buy bread");
    await chat.queued.waitFor();
    await tasks.toggle("buy milk");
    await tasks.task("buy milk").getByTestId("task-unsaved").waitFor();
    await page.getByTestId("task-add-input").fill("Call Sam");
    await page.getByTestId("task-add-input").press("Enter");
    await tasks.task("Call Sam").getByTestId("task-unsaved").waitFor();
    await page.reload();
    await chat.queued.waitFor();
    await tasks.task("Call Sam").getByTestId("task-unsaved").waitFor();
    await window.screenshot("kept-after-reload");

    await page.unroute(BACKEND);
    await tasks.task("buy bread").waitFor({ timeout: RECOVERY_MS });
    await tasks.task("buy milk").getByRole("checkbox", { checked: true }).waitFor();
    await tasks.unsaved.first().waitFor({ state: "detached" });
    await chat.queued.waitFor({ state: "detached" });
    const answer = await page.request.get("/api/backend/api/tasks?sort=created_at");
    const { items } = (await answer.json()) as { items: { title: string; completed: boolean }[] };
    expect(items.map(({ title }) => title).sort()).toEqual(["Call Sam", "buy bread", "buy milk"]);
    expect(items.filter(({ completed }) => completed).map(({ title }) => title)).toEqual([
      "buy milk",
    ]);
    expect(await chat.userMessages.count()).toBe(2);
  });

  test("outlives a back end that comes back with errors, and can be taken back at once", async () => {
    const { page } = window;
    await chat.ask("add buy milk");
    await tasks.expectTitles("buy milk");
    await cutOff(page);
    await tasks.delete("buy milk");
    await tasks.expectTitles();
    await page.getByTestId("banner-backend-away").waitFor();
    await tasks.undo();
    await tasks.expectTitles("buy milk");
    await tasks.rename("buy milk", "buy oat milk");
    await tasks.task("buy oat milk").getByTestId("task-unsaved").waitFor();

    let refused = 0;
    await page.route("**/api/backend/api/tasks/*", async (route) => {
      if (route.request().method() !== "PATCH") return route.continue();
      refused += 1;
      return route.fulfill({ status: 500, json: { detail: "Out of order." } });
    });
    await page.unroute(BACKEND);
    await page.waitForRequest((request) => request.method() === "PATCH", { timeout: RECOVERY_MS });
    await page.getByTestId("banner-backend-away").waitFor({ state: "detached" });
    await tasks.task("buy oat milk").getByTestId("task-unsaved").waitFor();
    await page.unroute("**/api/backend/api/tasks/*");
    await tasks.unsaved.first().waitFor({ state: "detached", timeout: RECOVERY_MS });
    expect(refused).toBeGreaterThan(0);
    await page.reload();
    await tasks.expectTitles("buy oat milk");
  });

  test("is asked about before one signs out, and is still there when one is back", async () => {
    const { page } = window;
    await page.goto("about:blank");
    await window.context.clearCookies();
    await new AuthPage(page).join(person);
    await chat.input.waitFor();
    await cutOff(page);
    await chat.send("add precious words");
    await chat.queued.waitFor();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("sign-out-dialog").waitFor();
    await window.screenshot("sign-out-asks");
    await page.getByTestId("sign-out-keep").click();
    await page.waitForURL("**/sign-in**");

    await page.unroute(BACKEND);
    await new AuthPage(page).signIn(person);
    await tasks.task("precious words").waitFor({ timeout: RECOVERY_MS });
  });

  test("stays in sight when its conversation was deleted elsewhere, and begins a new one", async () => {
    const { page, context } = window;
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const second = await context.newPage();
    await second.goto(page.url());
    await cutOff(page);
    await chat.send("add buy bread");
    await chat.queued.waitFor();
    await new ChatPage(second).deleteThread("add buy milk");
    await new ChatPage(second).threads.first().waitFor({ state: "detached" });
    await page.unroute(BACKEND);
    await page.getByTestId("message-unsent").waitFor({ timeout: RECOVERY_MS });
    expect(await chat.userMessages.allInnerTexts()).toEqual([
      expect.stringContaining("add buy bread"),
    ]);
    await page.getByTestId("chat-retry").click();
    await tasks.expectTitles("buy milk", "buy bread");
    await page.waitForURL("**/chat/*");
  });

  test("in another tab is asked about too, and discarded with the rest", async () => {
    const { page, context } = window;
    const other = await context.newPage();
    await other.goto("/tasks");
    await new TaskPanel(other).empty.waitFor();
    await cutOff(other);
    await other.getByTestId("task-add-input").fill("From the other tab");
    await other.getByTestId("task-add-input").press("Enter");
    await new TaskPanel(other).unsaved.first().waitFor();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("sign-out-dialog").getByText("1 change").waitFor();
    await page.getByTestId("sign-out-discard").click();
    await page.waitForURL("**/sign-in**");
    await other.waitForURL("**/sign-in**");
    expect(await keptChanges(page)).toEqual([]);
  });

  test("is warned of on the account page, and goes with the account", async () => {
    const { page } = window;
    const someone = newPerson();
    await page.goto("about:blank");
    await window.context.clearCookies();
    await new AuthPage(page).join(someone);
    await chat.input.waitFor();
    await page.goto("/account");
    expect(await page.locator("[data-unsent]:visible").count()).toBe(0);
    await page.goto("/tasks");
    await tasks.empty.waitFor();
    await cutOff(page);
    await page.getByTestId("task-add-input").fill("Too late");
    await page.getByTestId("task-add-input").press("Enter");
    await tasks.unsaved.first().waitFor();
    await page.goto("/account");
    expect(await page.locator("[data-unsent]:visible").count()).toBe(2);
    await window.screenshot("account-warns");
    expect(await keptChanges(page)).toHaveLength(1);
    await page.getByTestId("delete-password").fill(someone.password);
    await page.getByTestId("delete-account").click();
    await page.waitForURL("**/sign-in**");
    expect(await keptChanges(page)).toEqual([]);
  });

  test("can be reached without the network: the tasks, and the way back", async () => {
    const { page, context } = window;
    await chat.ask("add buy milk");
    await context.setOffline(true);
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await tasks.task("buy milk").waitFor();
    await page.goBack();
    await chat.answers.first().waitFor();
    await context.setOffline(false);
  });
});

describe("what is half written", () => {
  const open = useWindows();

  test("is still there after a reload, on another page, and when its task is deleted elsewhere", async () => {
    const { page } = await open();
    const chat = new ChatPage(page);
    const tasks = new TaskPanel(page);
    await new AuthPage(page).join(newPerson());
    await chat.ask("add buy milk");
    const title = page.getByTestId("task-edit-title");
    const line = page.getByTestId("task-add-input");
    const expectKept = async (): Promise<void> => {
      await title.waitFor();
      expect(await title.inputValue()).toBe("buy oat milk");
      expect(await page.getByLabel("Notes").inputValue()).toBe("two of them");
      expect(await line.inputValue()).toBe("call Sam");
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
    await page.getByTestId("task-edit-gone").waitFor();
    await expectKept();
    await page.getByTestId("task-edit-save").click();
    await tasks.expectTitles("buy oat milk");
    await page.reload();
    await tasks.expectTitles("buy oat milk");
    expect(await title.count()).toBe(0);
    expect(await line.inputValue()).toBe("call Sam");
  });
});
