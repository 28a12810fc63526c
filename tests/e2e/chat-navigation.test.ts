import type { Page } from "playwright-core";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows } from "./support/browser";
import { newPerson } from "./support/people";

const PHONE = { width: 390, height: 800 };
const BACKEND = "**/api/backend/**";
/** The page asks less and less often whether the back end is back. */
const RECOVERY_MS = 60_000;

/** Takes the back end away, as far as this page can tell. */
async function cutOff(page: Page): Promise<void> {
  await page.route(BACKEND, (route) => route.fulfill({ status: 503, body: "" }));
}

describe("moving between the chat and the tasks", () => {
  const openWindow = useWindows();

  /** A new person in front of the chat. */
  async function open(viewport?: typeof PHONE): Promise<Page> {
    const window = await openWindow(viewport && { viewport });
    await new AuthPage(window.page).join(newPerson());
    await new ChatPage(window.page).input.waitFor();
    return window.page;
  }

  test("a first message that waits is still there, and goes out", async () => {
    const page = await open(PHONE);
    const chat = new ChatPage(page);
    const tabs = page.getByRole("navigation", { name: "Pages" });
    await cutOff(page);
    await chat.send("add buy milk");
    await chat.queued.waitFor();

    await tabs.getByRole("link", { name: "Tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.getByTestId("task-add-input").waitFor();
    await tabs.getByRole("link", { name: "Chat" }).click();
    await page.waitForURL("**/chat");
    await chat.queued.waitFor();
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/chat#main");
    await chat.queued.waitFor();
    expect(await chat.userMessages.allInnerTexts()).toEqual([
      expect.stringContaining("add buy milk"),
    ]);

    await page.unroute(BACKEND);
    await chat.answers.first().waitFor({ timeout: RECOVERY_MS });
    await page.waitForURL("**/chat/*");
  });

  test("Back leads to a conversation that got its address while one looked at the tasks", async () => {
    const page = await open(PHONE);
    const chat = new ChatPage(page);
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
    await new TaskPanel(page).task("buy milk").waitFor();
    await page.goBack();
    await page.waitForURL("**/chat/*");
    await chat.answers.first().waitFor();
    expect(await chat.userMessages.count()).toBe(1);
  });

  test("Back and the tab lead to the conversation", async () => {
    const page = await open(PHONE);
    const chat = new ChatPage(page);
    const tabs = page.getByRole("navigation", { name: "Pages" });
    await chat.ask("add buy milk");
    await page.waitForURL("**/chat/*");
    const place = page.url();
    const isThere = async (): Promise<void> => {
      await page.waitForURL(place);
      await chat.answers.first().waitFor();
      expect(await chat.userMessages.count()).toBe(1);
    };

    await tabs.getByRole("link", { name: "Tasks" }).click();
    await new TaskPanel(page).task("buy milk").waitFor();
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
