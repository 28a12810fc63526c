import type { Locator, Page } from "@playwright/test";
import { ChatPage } from "./pages/chat-page";
import { hasFocus, isFocusLost, tabTo } from "./support/keyboard";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const ALL = ["add buy jam", "add buy bread", "add buy milk"];
const REST = ["add buy jam", "add buy milk"];

/** Expects these titles in the list of a page, or of its menu. */
async function expectTitles(place: Page | Locator, titles: string[]): Promise<void> {
  const rows = place.getByTestId("thread-item");
  await expect(rows.getByRole("button").filter({ hasText: /./ })).toHaveText(titles);
}

test.describe("a deleted conversation", () => {
  test.beforeEach(async ({ auth, chat }) => {
    await auth.register(newPerson());
    for (const message of ALL.toReversed()) {
      await chat.open();
      await chat.ask(message);
      await expect(chat.thread(message)).toBeAttached();
    }
  });

  test("is brought back by the keyboard, open and in its old place, with all its messages", async ({
    page,
    chat,
  }) => {
    const { keyboard } = page;
    await chat.openThread("add buy bread");
    await expect(chat.answers.getByText("buy bread").first()).toBeVisible();
    const address = page.url();
    await tabTo(page, chat.thread("add buy bread").getByTestId("thread-delete"));
    await keyboard.press("Enter");
    await expect(page).toHaveURL(/\/chat$/);
    await expectTitles(page, REST);
    expect(await isFocusLost(page)).toBe(false);

    await keyboard.press("Alt+t");
    expect(await hasFocus(page.getByTestId("toast-action"))).toBe(true);
    await keyboard.press("Enter");
    await expect(page).toHaveURL(address);
    await expectTitles(page, ALL);
    expect(await isFocusLost(page)).toBe(false);
    await expect(chat.userMessages.getByText("add buy bread")).toBeVisible();
    await expect(chat.answers.getByText("buy bread").first()).toBeVisible();

    // The back end has it as well, and goes on with it.
    await page.reload();
    await expectTitles(page, ALL);
    expect(await chat.ask("show my tasks")).toMatch(/bread/);
  });

  test("is gone for a second tab and for its address, until Undo is pressed on another page", async ({
    page,
    context,
    chat,
  }) => {
    await chat.openThread("add buy milk");
    await expect(page).toHaveURL(/\/chat\/./);
    const second = await context.newPage();
    const elsewhere = new ChatPage(second);
    await second.goto("/chat");
    await expectTitles(second, ALL);

    await chat.deleteThread("add buy bread");
    await expectTitles(second, REST);
    await page.getByRole("link", { name: "All tasks" }).click();
    await expect(page).toHaveURL(/\/tasks$/);
    await page.keyboard.press("ControlOrMeta+z");
    await expectTitles(page, ALL);
    await expectTitles(second, ALL);
    await expect(page).toHaveURL(/\/tasks$/);
    await elsewhere.openThread("add buy bread");
    await expect(elsewhere.userMessages.getByText("add buy bread")).toBeVisible();
  });

  test("is one of several that are taken back together", async ({ page, chat }) => {
    await chat.deleteThread("add buy bread");
    await chat.deleteThread("add buy milk");
    await expect(page.getByTestId("toast").getByText("Deleted 2 conversations")).toBeVisible();
    await expectTitles(page, ["add buy jam"]);
    await page.getByTestId("toast-action").click();
    await expectTitles(page, ALL);
  });

  test("is brought back within a phone's menu, which stays open", async ({
    browserName,
    context,
    open,
  }) => {
    test.skip(browserName !== "chromium", "only Chromium can be a phone's browser");
    const { page } = await open({
      ...{ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true },
      storageState: await context.storageState(),
    });
    await new ChatPage(page).open();
    await page.getByTestId("open-menu").click();
    const menu = page.getByRole("dialog", { name: "Menu" });
    await expectTitles(menu, ALL);
    await menu.getByTestId("thread-item").nth(1).getByTestId("thread-delete").click();
    await expectTitles(menu, REST);
    await menu.getByTestId("toast-action").click();
    await expectTitles(menu, ALL);
    await expect(menu).toBeVisible();
  });
});

test("what a changed message has replaced is brought back by Undo too", async ({
  page,
  auth,
  chat,
}) => {
  const { keyboard } = page;
  await auth.join(newPerson());
  for (const message of ["add buy milk", "add buy bread"]) await chat.ask(message);
  const said = chat.userMessages.getByText("add buy", { exact: false });
  await tabTo(page, page.getByTestId("message-edit").first());
  await keyboard.press("Enter");
  await keyboard.press("ControlOrMeta+A");
  await keyboard.type("add buy jam");
  await keyboard.press("Enter");
  await expect(chat.answers.getByText("buy jam").first()).toBeVisible();
  await chat.lastAnswerIsOver();
  await expect(said).toHaveText(["add buy jam"]);
  expect(await isFocusLost(page)).toBe(false);
  await page.reload();
  await expect(said).toHaveText(["add buy jam"]);

  await page.getByTestId("message-edit").click();
  await page.getByTestId("message-edit-input").fill("add buy tea");
  await page.getByTestId("message-edit-send").click();
  await expect(chat.answers.getByText("buy tea").first()).toBeVisible();
  await page.getByTestId("toast-action").click();
  await expect(chat.answers.getByText("buy jam").first()).toBeVisible();
  await expect(said).toHaveText(["add buy jam"]);
  // What was done stays done.
  expect(await chat.ask("show my tasks")).toMatch(/milk.*bread.*jam.*tea/s);
});
