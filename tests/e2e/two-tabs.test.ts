import type { Page } from "playwright-core";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";

const BACKEND = "**/api/backend/**";
const RECOVERY_MS = 60_000;

/** Takes the back end away, as far as this page can tell. */
async function cutOff(page: Page): Promise<void> {
  await page.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
}

describe("two tabs of one browser", () => {
  const open = useWindows();
  let window: Window;
  let second: Page;

  beforeEach(async () => {
    window = await open();
    await new AuthPage(window.page).join(newPerson("Xavier"));
    await new ChatPage(window.page).input.waitFor();
    second = await window.context.newPage();
  });

  test("show the same tasks and conversations without a reload", async () => {
    const { page } = window;
    await second.goto("/chat");
    await new TaskPanel(second).empty.waitFor();
    await new ChatPage(page).ask("add buy milk");
    await new TaskPanel(second).expectTitles("buy milk");
    await new ChatPage(second).thread("add buy milk").waitFor();

    // The conversation grows in both, whichever one writes in.
    await new ChatPage(second).openThread("add buy milk");
    await new ChatPage(second).ask("add buy bread");
    await new ChatPage(page).userMessages.filter({ hasText: "add buy bread" }).waitFor();
    await new TaskPanel(page).expectTitles("buy milk", "buy bread");
  });

  test("show the tasks in the same order, in which the assistant counts", async () => {
    const { page } = window;
    await second.goto("/tasks");
    await second.getByTestId("task-order").waitFor();
    await page.getByTestId("task-order").selectOption("title");
    await second.locator("[data-testid=task-order]:has(option[value=title]:checked)").waitFor();
  });

  test("send what waits once, also where one is a copy of the other, and lose none of it", async () => {
    const { page, context } = window;
    const tasks = new TaskPanel(page);
    const sent: string[] = [];
    context.on("request", (request) => {
      const key = request.headers()["idempotency-key"];
      if (key && request.url().endsWith("/api/backend/api/tasks")) sent.push(key);
    });
    const enter = async (tab: Page, title: string): Promise<void> => {
      await tab.getByTestId("task-add-input").fill(title);
      await tab.getByTestId("task-add-input").press("Enter");
      await new TaskPanel(tab).task(title).getByTestId("task-unsaved").waitFor();
    };
    await context.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
    await enter(page, "From the first");
    // As duplicating does, a window that a page opens begins with a copy of what the tab has kept.
    const opened = context.waitForEvent("page");
    await page.evaluate(() => void globalThis.open("/tasks"));
    const copy = await opened;
    await copy.waitForLoadState();
    await copy.getByTestId("task-add-input").waitFor();
    await enter(copy, "From the copy");
    expect(await new TaskPanel(copy).titles.allInnerTexts()).toEqual(["From the copy"]);

    sent.length = 0;
    await context.unroute(BACKEND);
    await tasks.task("From the copy").waitFor({ timeout: RECOVERY_MS });
    await tasks.unsaved.first().waitFor({ state: "detached", timeout: RECOVERY_MS });
    await new TaskPanel(copy).task("From the first").waitFor({ timeout: RECOVERY_MS });
    expect(await tasks.titles.count()).toBe(2);
    expect(new Set(sent).size).toBe(2);
    expect(sent).toHaveLength(2);

    // What a closed tab had goes on in one that is open, as soon as one looks at that.
    await context.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
    await enter(copy, "Left behind");
    await copy.close();
    await context.unroute(BACKEND);
    await page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
    await tasks.task("Left behind").waitFor({ timeout: RECOVERY_MS });
    await tasks.unsaved.first().waitFor({ state: "detached", timeout: RECOVERY_MS });
  });

  test("never write one person's changes into another's account", async () => {
    const { page } = window;
    const yvonne = newPerson("Yvonne");
    const tasks = new TaskPanel(page);
    await cutOff(page);
    await page.getByTestId("task-add-input").fill("Xavier's secret");
    await page.getByTestId("task-add-input").press("Enter");
    await tasks.unsaved.first().waitFor();

    // Somebody else signs in, and no tab says so.
    const signedUp = await second.request.post("/api/auth/sign-up/email", {
      data: yvonne,
      headers: { origin: settings.baseUrl },
    });
    expect(signedUp.status()).toBe(200);
    await page.unroute(BACKEND);
    await page.getByText("Yvonne").first().waitFor({ timeout: RECOVERY_MS });
    await tasks.empty.waitFor();
    const answer = await second.request.get("/api/backend/api/tasks");
    expect(await answer.json()).toMatchObject({ items: [] });
    expect(await page.getByText("Xavier's secret").count()).toBe(0);
  });

  test("sign out together", async () => {
    await second.goto("/tasks");
    await new TaskPanel(second).empty.waitFor();
    await window.page.getByTestId("sign-out").click();
    await window.page.waitForURL("**/sign-in**");
    await second.waitForURL("**/sign-in**");
  });
});
