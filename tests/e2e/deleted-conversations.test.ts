import type { Locator, Page } from "playwright-core";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { useWindows, type Window } from "./support/browser";
import { hasFocus, isFocusLost, tabTo } from "./support/keyboard";
import { newPerson } from "./support/people";

const toast = (page: Page): Locator => page.getByTestId("toast");

/** The titles in the list of a page, or of its menu, once it has so many. */
async function titles(place: Page | Locator, count: number): Promise<string[]> {
  const rows = place.getByTestId("thread-item");
  await rows.nth(count - 1).waitFor();
  await rows.nth(count).waitFor({ state: "detached" });
  return rows.getByRole("button").filter({ hasText: /./ }).allInnerTexts();
}

describe("a deleted conversation", () => {
  const open = useWindows();
  let window: Window;
  let chat: ChatPage;

  const join = async (): Promise<void> => {
    chat = new ChatPage(window.page);
    await new AuthPage(window.page).register(newPerson());
    for (const message of ["add buy milk", "add buy bread", "add buy jam"]) {
      await chat.open();
      await chat.ask(message);
      await chat.thread(message).waitFor({ state: "attached" });
    }
  };
  const remove = async (title: string): Promise<void> => {
    await chat.thread(title).hover();
    await chat.thread(title).getByTestId("thread-delete").click();
  };
  const ALL = ["add buy jam", "add buy bread", "add buy milk"];
  const REST = ["add buy jam", "add buy milk"];

  test("is brought back by the keyboard, open and in its old place, with all its messages", async () => {
    window = await open();
    await join();
    const { page } = window;
    const { keyboard } = page;
    await chat.openThread("add buy bread");
    await chat.answers.getByText("buy bread").first().waitFor();
    const address = page.url();
    await tabTo(page, chat.thread("add buy bread").getByTestId("thread-delete"));
    await keyboard.press("Enter");
    await page.waitForURL(/\/chat$/);
    expect(await titles(page, 2)).toEqual(REST);
    expect(await isFocusLost(page)).toBe(false);

    await keyboard.press("Alt+t");
    expect(await hasFocus(page.getByTestId("toast-action"))).toBe(true);
    await keyboard.press("Enter");
    await page.waitForURL(address);
    expect(await titles(page, 3)).toEqual(ALL);
    expect(await isFocusLost(page)).toBe(false);
    await chat.userMessages.getByText("add buy bread").waitFor();
    await chat.answers.getByText("buy bread").first().waitFor();

    // The back end has it as well, and goes on with it.
    await page.reload();
    expect(await titles(page, 3)).toEqual(ALL);
    expect(await chat.ask("show my tasks")).toMatch(/bread/);
  });

  test("is gone for a second tab and for its address, until Undo is pressed on another page", async () => {
    window = await open();
    await join();
    const { page, context } = window;
    await chat.openThread("add buy milk");
    await page.waitForURL("**/chat/*");
    const second = await context.newPage();
    const elsewhere = new ChatPage(second);
    await second.goto("/chat");
    expect(await titles(second, 3)).toEqual(ALL);

    await remove("add buy bread");
    expect(await titles(second, 2)).toEqual(REST);
    await page.getByRole("link", { name: "All tasks" }).click();
    await page.waitForURL("**/tasks");
    await page.keyboard.press("ControlOrMeta+z");
    expect(await titles(page, 3)).toEqual(ALL);
    expect(await titles(second, 3)).toEqual(ALL);
    await page.waitForURL("**/tasks");
    await elsewhere.openThread("add buy bread");
    await elsewhere.userMessages.getByText("add buy bread").waitFor();
  });

  test("is one of several that are taken back together", async () => {
    window = await open();
    await join();
    const { page } = window;
    await remove("add buy bread");
    await remove("add buy milk");
    await toast(page).getByText("Deleted 2 conversations").waitFor();
    expect(await titles(page, 1)).toEqual(["add buy jam"]);
    await page.getByTestId("toast-action").click();
    expect(await titles(page, 3)).toEqual(ALL);
  });

  test("is brought back within a phone's menu, which stays open", async () => {
    window = await open({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    await join();
    const { page } = window;
    await page.getByTestId("open-menu").click();
    const menu = page.getByRole("dialog", { name: "Menu" });
    await menu.waitFor();
    await menu.getByTestId("thread-item").nth(1).getByTestId("thread-delete").click();
    expect(await titles(menu, 2)).toEqual(REST);
    await menu.getByTestId("toast-action").click();
    expect(await titles(menu, 3)).toEqual(ALL);
    await menu.waitFor();
  });

  test("is like what a changed message has replaced, which Undo brings back too", async () => {
    window = await open();
    const { page } = window;
    const { keyboard } = page;
    chat = new ChatPage(page);
    await new AuthPage(page).join(newPerson());
    for (const message of ["add buy milk", "add buy bread"]) await chat.ask(message);
    const said = chat.userMessages.getByText("add buy", { exact: false });
    await tabTo(page, page.getByTestId("message-edit").first());
    await keyboard.press("Enter");
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type("add buy jam");
    await keyboard.press("Enter");
    await chat.answers.getByText("buy jam").first().waitFor();
    await chat.lastAnswerIsOver();
    expect(await said.allInnerTexts()).toEqual(["add buy jam"]);
    expect(await isFocusLost(page)).toBe(false);
    await page.reload();
    await said.waitFor();
    expect(await said.allInnerTexts()).toEqual(["add buy jam"]);

    await page.getByTestId("message-edit").click();
    await page.getByTestId("message-edit-input").fill("add buy tea");
    await page.getByTestId("message-edit-send").click();
    await chat.answers.getByText("buy tea").first().waitFor();
    await page.getByTestId("toast-action").click();
    await chat.answers.getByText("buy jam").first().waitFor();
    expect(await said.allInnerTexts()).toEqual(["add buy jam"]);
    // What was done stays done.
    expect(await chat.ask("show my tasks")).toMatch(/milk.*bread.*jam.*tea/s);
  });
});
